import type { Metadata } from 'next';
import { Detail } from '../_components/detail';
import { TimeAgo } from '../_components/time-ago';
import { requireSession } from '../session-server';
import { DeleteAccount } from './delete-account';
import { SignOutWithTrpc } from './sign-out-with-trpc';
import { ThemeSwitch } from './theme-switch';

export const metadata: Metadata = { title: 'Account' };

// Sent complete after the guard, as app/dashboard/page.tsx explains.
export const instant = false;

export default async function AccountPage() {
  const { data, authenticatedAt } = await requireSession();
  return (
    <>
      <header className="page-header">
        <h1>Account</h1>
      </header>
      <section className="section" aria-labelledby="profile">
        <h2 id="profile">Profile</h2>
        <dl className="detail-list">
          <Detail label="Name">{data.name}</Detail>
          <Detail label="Role">{data.role}</Detail>
          <Detail label="Password entered">
            <TimeAgo at={authenticatedAt} now={Date.now()} />
          </Detail>
        </dl>
      </section>
      <ThemeSwitch />
      <SignOutWithTrpc />
      <DeleteAccount />
    </>
  );
}
