'use client';

import { useRouter } from 'next/navigation';
import { type ComponentProps, Fragment, type ReactNode, useReducer } from 'react';
import { SessionProvider } from '../session-client';
import { trpc } from '../trpc-client';
import { ThemeFollower } from './theme-follower';

interface ProvidersProps {
  readonly session: ComponentProps<typeof SessionProvider>['session'];
  readonly children: ReactNode;
}

/**
 * Gives every Client Component the session, and the tRPC client to change it with. When somebody else, or nobody, is
 * signed in, here or in another tab, what was drawn for the last one goes: the page is asked for anew, and the new key
 * drops the pages that Next keeps mounted but hidden for going back to.
 */
export function Providers({ session, children }: ProvidersProps) {
  const router = useRouter();
  const [person, nextPerson] = useReducer((count: number) => count + 1, 0);
  const forgetTheLast = () => {
    nextPerson();
    router.refresh();
  };
  return (
    <SessionProvider session={session} client={trpc.session} onIdentityChange={forgetTheLast}>
      <ThemeFollower />
      <Fragment key={person}>{children}</Fragment>
    </SessionProvider>
  );
}
