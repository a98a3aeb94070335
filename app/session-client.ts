'use client';

import { createReactSession } from 'trpc-session/react';
import type { sessions } from './session';

/** Sessions for Client Components. Only the type of the manager comes along; nothing of it reaches the browser. */
export const { SessionProvider, useSession, useSetSession } = createReactSession<typeof sessions>();
