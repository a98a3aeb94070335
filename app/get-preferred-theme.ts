import type { AppSession } from './session';

/** Returns the theme that this browser prefers. */
export function getPreferredTheme(): AppSession['view']['theme'] {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
