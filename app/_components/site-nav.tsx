'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';

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
  return (
    <nav className="site-nav" aria-label="Pages">
      {pages.map(({ href, title }) => (
        <Link key={href} href={href} aria-current={pathname === href ? 'page' : undefined}>
          {title}
        </Link>
      ))}
    </nav>
  );
}
