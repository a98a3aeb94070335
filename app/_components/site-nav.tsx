'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useSession } from '../session-client';

const pages = [
  { href: '/dashboard', title: 'Dashboard' },
  { href: '/account', title: 'Account' },
  { href: '/devices', title: 'Devices' },
  { href: '/admin', title: 'Admin' },
  { href: '/docs', title: 'API' },
] as const;

/** The main navigation. Add your pages to the list above. */
export function SiteNav() {
  const pathname = usePathname();
  const isSignedIn = useSession((session) => session.status === 'authenticated');
  // While signed out, no prefetch: it would fetch the redirect to the sign-in page, and the router would cache that.
  const prefetch = isSignedIn ? null : false;
  return (
    <nav className="site-nav" aria-label="Pages">
      {pages.map(({ href, title }) => (
        <Link key={href} href={href} prefetch={prefetch} aria-current={pathname === href ? 'page' : undefined}>
          {title}
        </Link>
      ))}
    </nav>
  );
}
