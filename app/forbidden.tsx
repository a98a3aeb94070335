import Link from 'next/link';

/** Shown when `requireSession(verifier)` refuses a signed-in user. */
export default function Forbidden() {
  return (
    <header className="page-header">
      <h1>You do not have access to this page</h1>
      <p className="lead">
        You are signed in, but this page needs another role. The server sent none of its content to your browser.
      </p>
      <p className="actions">
        <Link className="button" href="/dashboard">
          Go to the dashboard
        </Link>
        <Link href="/sign-in?next=/admin">Sign in with another account</Link>
      </p>
    </header>
  );
}
