import Link from 'next/link';
import { Suspense } from 'react';
import { SessionCard } from './_components/session-card';
import { EmptySessionCard } from './_components/session-card-content';
import { SourceFile } from './_components/source-file';

const pages = [
  {
    href: '/sign-in',
    title: 'Sign in',
    text: 'With a server action or with a tRPC mutation. Both start the same session.',
  },
  {
    href: '/dashboard',
    title: 'Dashboard',
    text: 'The server renders this page for signed-in users only. Other visitors receive none of it.',
  },
  {
    href: '/account',
    title: 'Account',
    text: 'Change the theme in all your tabs at once. Confirm your password before a risky action.',
  },
  {
    href: '/devices',
    title: 'Devices',
    text: 'See where you are signed in. Sign out one device, or sign out everywhere else.',
  },
  {
    href: '/admin',
    title: 'Admin',
    text: 'A page for one role. Ada has access, Grace does not.',
  },
  {
    href: '/docs',
    title: 'API',
    text: 'Read about every procedure, and call it with your own session.',
  },
] as const;

export default function HomePage() {
  return (
    <>
      <header className="page-header">
        <h1 className="wide">
          <span>Sessions live on the server.</span> <span>The browser keeps one cookie.</span>
        </h1>
        <p className="lead">
          trpc-session stores your session data on the server and types it with your schema. The browser gets one sealed
          cookie and never sees the token. Sign in, and your session appears below.
        </p>
        <p className="actions">
          <Link className="button" href="/dashboard">
            Open the dashboard
          </Link>
          <a href="#source">See the code</a>
        </p>
      </header>
      <div className="session-card-place">
        <Suspense fallback={<EmptySessionCard />}>
          <SessionCard />
        </Suspense>
      </div>
      <PageList />
      <section className="section" aria-labelledby="source">
        <div className="section-title">
          <h2 id="source">Start with this file</h2>
          <p className="note">
            <code>app/session.ts</code> defines what a session stores, what the browser can see and what it can change.
            Guards, server actions, procedures and hooks get their types from it.
          </p>
        </div>
        <SourceFile />
      </section>
    </>
  );
}

function PageList() {
  return (
    <nav className="page-list" aria-label="What to try">
      <ul className="rows">
        {pages.map(({ href, title, text }) => (
          <li key={href}>
            {/* No prefetch: while signed out it would fetch, and cache, the redirect to the sign-in page. */}
            <Link className="index-row" href={href} prefetch={false}>
              <strong>{title}</strong>
              <span>{text}</span>
              <span className="arrow" aria-hidden="true">
                →
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
