import Link from 'next/link';

export default function NotFound() {
  return (
    <header className="opening">
      <h1>There is nothing here.</h1>
      <p className="lead">The address may be mistyped, or what was here is gone.</p>
      <p className="actions">
        <Link className="button" href="/">
          Go to the start
        </Link>
      </p>
    </header>
  );
}
