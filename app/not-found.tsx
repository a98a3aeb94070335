import type { Metadata } from 'next';
import Link from 'next/link';

export const metadata: Metadata = { title: 'Page not found' };

export default function NotFound() {
  return (
    <header className="page-header">
      <h1>Page not found</h1>
      <p className="lead">Check the address, or start from the home page.</p>
      <p className="actions">
        <Link className="button" href="/">
          Go to the home page
        </Link>
      </p>
    </header>
  );
}
