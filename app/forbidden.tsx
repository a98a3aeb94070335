import type { Metadata } from 'next';
import Link from 'next/link';

export const metadata: Metadata = { title: 'Not for you' };

/** Shown by `requireSession` to people who are signed in and whom a verifier refused. */
export default function Forbidden() {
  return (
    <header className="opening">
      <h1>This page is not for you.</h1>
      <p className="lead">
        You are signed in, but your session may not see what is here. Nothing of it was sent to your browser.
      </p>
      <p className="actions">
        <Link className="button" href="/dashboard">
          Go to the dashboard
        </Link>
        <Link href="/sign-in?next=/admin">Sign in as somebody else</Link>
      </p>
    </header>
  );
}
