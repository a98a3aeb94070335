'use client';

import { createReactSession } from 'trpc-session/react';
import type { sessions } from './session';

/** Sessions for Client Components. Import only the type of `sessions` here: its code must stay on the server. */
export const { SessionProvider, useSession, useSuspenseSession, useSetSession, useSignOut } =
  createReactSession<typeof sessions>();
