import type { Metadata } from 'next';
import { Suspense } from 'react';
import { Fact } from '../_components/fact';
import { Moment } from '../_components/moment';
import { Placeholder } from '../_components/placeholder';
import { requireSession } from '../session-server';
import { DeleteAccount } from './delete-account';
import { SignOutByTrpc } from './sign-out-by-trpc';
import { ThemeSwitch } from './theme-switch';

export const metadata: Metadata = { title: 'Account' };

export default function AccountPage() {
  return (
    <Suspense fallback={<Placeholder />}>
      <Account />
    </Suspense>
  );
}

async function Account() {
  const { data, authenticatedAt } = await requireSession();
  return (
    <>
      <header className="opening">
        <h1>Account</h1>
      </header>
      <section className="section" aria-labelledby="who">
        <h2 id="who">You</h2>
        <dl className="facts">
          <Fact term="Name">{data.name}</Fact>
          <Fact term="Role">{data.role}</Fact>
          <Fact term="Password given">
            <Moment at={authenticatedAt} now={Date.now()} />
          </Fact>
        </dl>
      </section>
      <ThemeSwitch />
      <SignOutByTrpc />
      <DeleteAccount />
    </>
  );
}
