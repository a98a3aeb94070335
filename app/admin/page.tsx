import type { Metadata } from 'next';
import { Suspense } from 'react';
import { matches } from 'trpc-session';
import { Placeholder } from '../_components/placeholder';
import { appRouter } from '../server/router';
import { createContext, requireSession } from '../session-server';
import { AccountRow } from './account-row';

export const metadata: Metadata = { title: 'Admin' };

export default function AdminPage() {
  return (
    <Suspense fallback={<Placeholder />}>
      <Admin />
    </Suspense>
  );
}

/**
 * Refused: forbidden.tsx is shown, and nothing below is drawn. The procedure that is called has a guard of its own; both
 * look at one session that was read once.
 */
async function Admin() {
  const { data } = await requireSession(matches({ role: 'admin' }));
  const api = appRouter.createCaller(await createContext());
  const { accounts } = await api.admin.overview();
  const now = Date.now();
  return (
    <>
      <header className="opening">
        <h1>Everybody’s sessions</h1>
        <p className="lead">{data.name} may see this page, because the data of this session says so.</p>
      </header>
      <ul className="rows">
        {accounts.map((account) => (
          <AccountRow key={account.userId} account={account} now={now} />
        ))}
      </ul>
    </>
  );
}
