import Link from 'next/link';
import { AccountChip } from './account-chip';
import { SiteNav } from './site-nav';

export function SiteHeader() {
  return (
    <header className="site-header">
      <Link className="wordmark" href="/">
        trpc-session
      </Link>
      <SiteNav />
      <AccountChip />
    </header>
  );
}
