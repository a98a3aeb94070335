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

export function SiteNav() {
  const pathname = usePathname();
  const { status } = useSession();
  // A prefetch made while signed out would fetch the redirect to the sign-in page, and the router would remember it.
  const prefetch = status === 'authenticated' ? null : false;
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
