'use client';

import { type ReactNode, useState } from 'react';
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

/** Gives every Client Component the session. Add the providers of your app here. */
export function Providers({ session, children }: ProvidersProps) {
  const [warning, setWarning] = useState<number | null>(null);
  return (
    <SessionProvider session={session} client={trpc.session} onExpiring={setWarning} keepAlive>
      <ThemeSync />
      <ExpiringDialog isOpen={warning !== null} onClose={() => setWarning(null)} />
      {children}
    </SessionProvider>
  );
}
