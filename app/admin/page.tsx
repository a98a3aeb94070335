import type { Metadata } from 'next';
import { matches } from 'trpc-session';
import { appRouter } from '../server/router';
import { createContext, requireSession } from '../session-server';
import { AccountRow } from './account-row';

export const metadata: Metadata = { title: 'Admin' };

// Sent complete after the guard, as app/dashboard/page.tsx explains.
export const instant = false;

/**
 * For other users `requireSession` renders forbidden.tsx instead. The procedure that is called has its own guard. Both
 * guards use the same session, which is read from the store once.
 */
export default async function AdminPage() {
  await requireSession(matches({ role: 'admin' }));
  const api = appRouter.createCaller(await createContext());
  const { accounts } = await api.admin.overview();
  const now = Date.now();
  return (
    <>
      <header className="page-header">
        <h1>All accounts</h1>
        <p className="lead">You can see this page because the role in your session is admin.</p>
      </header>
      <ul className="rows">
        {accounts.map((account) => (
          <AccountRow key={account.userId} account={account} now={now} />
        ))}
      </ul>
    </>
  );
}
