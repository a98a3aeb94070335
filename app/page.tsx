import Link from 'next/link';
import { HomeActions } from './_components/home-actions';
import { LiveTicket } from './_components/live-ticket';
import { SourceFile } from './_components/source-file';

const rooms = [
  {
    href: '/sign-in',
    title: 'Sign in',
    text: 'One form, two ways in: a server action or a tRPC mutation. The session is the same.',
  },
  {
    href: '/dashboard',
    title: 'Dashboard',
    text: 'Drawn on the server for people who are signed in. Nothing of it is sent to anyone else.',
  },
  {
    href: '/account',
    title: 'Account',
    text: 'A theme that changes at once, here and in your other tabs, and a step that asks for your password again.',
  },
  { href: '/devices', title: 'Devices', text: 'Everywhere you are signed in. End one session, or all the others.' },
  {
    href: '/admin',
    title: 'Admin',
    text: 'Behind a verifier on the session’s data. Ada gets in, Grace is turned away.',
  },
  {
    href: '/docs',
    title: 'API',
    text: 'Every procedure, described by the router itself, with what its guard asks for. Try them with your own session.',
  },
] as const;

export default function HomePage() {
  return (
    <>
      <header className="opening">
        <h1 className="wide">
          <span>The browser gets a ticket.</span> <span>The server keeps the coat.</span>
        </h1>
        <p className="lead">
          trpc-session keeps sessions on the server, typed by a schema. The browser carries one sealed cookie that means
          nothing to anybody else. Sign in, and watch your ticket here.
        </p>
        <HomeActions />
      </header>
      <LiveTicket />
      <Rooms />
      <section className="section" aria-labelledby="source">
        <div className="section-title">
          <h2 id="source">The one file you edit</h2>
          <p className="note">
            <code>app/session.ts</code> says what a session holds, what the browser may see of it and what it may
            change. The guards, server actions, procedures and hooks take their types from it.
          </p>
        </div>
        <SourceFile />
      </section>
    </>
  );
}

function Rooms() {
  return (
    <nav className="rooms" aria-label="What to try">
      <ul className="rows">
        {rooms.map(({ href, title, text }) => (
          <li key={href}>
            {/* Not prefetched: for somebody signed out that would fetch, and remember, the redirect to the sign-in page. */}
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
