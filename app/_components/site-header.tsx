import Link from 'next/link';
import { AccountStatus } from './account-status';
import { SiteNav } from './site-nav';

export function SiteHeader() {
  return (
    <header className="site-header">
      <Link className="wordmark" href="/">
        trpc-session
      </Link>
      <SiteNav />
      <AccountStatus />
    </header>
  );
}
