'use client';

import Link, { useLinkStatus } from 'next/link';
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
          <PageTitle title={title} />
        </Link>
      ))}
    </nav>
  );
}

/** The title of a page, marked from a click until the server has rendered that page. */
function PageTitle({ title }: { readonly title: string }) {
  const { pending } = useLinkStatus();
  return <span className={pending ? 'pending' : undefined}>{title}</span>;
}
