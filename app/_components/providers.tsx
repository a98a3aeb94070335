'use client';

import { useRouter } from 'next/navigation';
import { Fragment, type ReactNode, useReducer, useState } from 'react';
import type { SessionView } from 'trpc-session';
import type { AppSession } from '../session';
import { SessionProvider } from '../session-client';
import { trpc } from '../trpc-client';
import { ExpiringDialog } from './expiring-dialog';
import { ThemeSync } from './theme-sync';

interface ProvidersProps {
  readonly session: Promise<SessionView<AppSession['view']>>;
  readonly children: ReactNode;
}

/**
 * Gives every Client Component the session. Add the providers of your app here.
 *
 * When another user signs in, or the user signs out, in this tab or another one, the page must not keep anything of the
 * previous user. So it is fetched again. The new key unmounts the pages that Next keeps hidden for the back button.
 */
export function Providers({ session, children }: ProvidersProps) {
  const router = useRouter();
  const [identity, nextIdentity] = useReducer((count: number) => count + 1, 0);
  const [warning, setWarning] = useState<number | null>(null);
  const discardPages = () => {
    nextIdentity();
    router.refresh();
  };
  return (
    <SessionProvider
      session={session}
      client={trpc.session}
      onIdentityChange={discardPages}
      onExpiring={setWarning}
      keepAlive
    >
      <ThemeSync />
      <ExpiringDialog isOpen={warning !== null} onClose={() => setWarning(null)} />
      <Fragment key={identity}>{children}</Fragment>
    </SessionProvider>
  );
}
