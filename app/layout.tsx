import type { Metadata, Viewport } from 'next';
import { type ReactNode, Suspense } from 'react';
import { Providers } from './_components/providers';
import { SiteHeader } from './_components/site-header';
import { StoreNotice } from './_components/store-notice';
import { ThemeScript } from './_components/theme-script';
import { fonts } from './fonts';
import './globals.css';
import { getSessionView } from './session-server';

export const metadata: Metadata = {
  title: { default: 'trpc-session', template: '%s · trpc-session' },
  description: 'The demo of trpc-session: server-side sessions for tRPC and Next.js.',
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fafafc' },
    { media: '(prefers-color-scheme: dark)', color: '#0f1116' },
  ],
};

/**
 * Starts to read the session, but does not await it: the page is prerendered without it, and the promise streams to the
 * provider. The browser receives only what `view` in app/session.ts selects.
 */
export default function RootLayout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en" className={fonts} suppressHydrationWarning>
      <head>
        <ThemeScript />
      </head>
      <body>
        <Providers session={getSessionView()}>
          <a className="skip-link" href="#content">
            Skip to content
          </a>
          <SiteHeader />
          <main id="content">{children}</main>
          <footer className="site-footer">
            <p>The demo of trpc-session: server-side sessions for tRPC and Next.js.</p>
            <Suspense>
              <StoreNotice />
            </Suspense>
          </footer>
        </Providers>
      </body>
    </html>
  );
}
