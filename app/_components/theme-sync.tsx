'use client';

import { useLayoutEffect } from 'react';
import type { AppSession } from '../session';
import { useSession } from '../session-client';
import { themeStorageKey } from './theme-script';

type Theme = AppSession['view']['theme'];

/** Applies the session's theme to the page. Signed-out visitors get the theme of their system. Renders nothing. */
export function ThemeSync() {
  // While the session is not known, the page keeps its theme.
  const isKnown = useSession(({ status }) => status === 'authenticated' || status === 'unauthenticated');
  const theme = useSession(({ data }) => data?.theme ?? null);
  useLayoutEffect(() => {
    if (isKnown) applyTheme(theme);
  }, [isKnown, theme]);
  return null;
}

function applyTheme(theme: Theme | null): void {
  const page = document.documentElement;
  if (theme) page.dataset.theme = theme;
  else delete page.dataset.theme;
  try {
    if (theme) localStorage.setItem(themeStorageKey, theme);
    else localStorage.removeItem(themeStorageKey);
  } catch {
    // The browser may forbid storage. Then the next page load starts with the system's theme.
  }
}
