import localFont from 'next/font/local';

// The fonts come from npm and not from Google's servers, so a build needs no network.
const serif = localFont({
  src: '../node_modules/@fontsource-variable/newsreader/files/newsreader-latin-opsz-normal.woff2',
  weight: '200 800',
  variable: '--font-serif',
  fallback: ['Georgia', 'serif'],
  adjustFontFallback: 'Times New Roman',
});

const sans = localFont({
  src: '../node_modules/@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2',
  weight: '400 700',
  variable: '--font-sans',
  fallback: ['system-ui', 'sans-serif'],
});

const mono = localFont({
  src: '../node_modules/@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2',
  weight: '100 900',
  variable: '--font-mono',
  fallback: ['ui-monospace', 'monospace'],
  preload: false,
});

/** The class names for `<html>`. They define --font-serif, --font-sans and --font-mono for the stylesheets. */
export const fonts = `${serif.variable} ${sans.variable} ${mono.variable}`;
