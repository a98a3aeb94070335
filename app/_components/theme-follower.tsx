'use client';

import { useLayoutEffect } from 'react';
import { useSession } from '../session-client';
import { themeNote } from './theme-script';

/** Makes the whole page wear the session's theme; for everybody else it follows the system again. Draws nothing. */
export function ThemeFollower() {
  const session = useSession();
  const isKnown = session.status === 'authenticated' || session.status === 'unauthenticated';
  const theme = session.status === 'authenticated' ? session.data.theme : null;
  useLayoutEffect(() => {
    if (isKnown) wear(theme);
  }, [isKnown, theme]);
  return null;
}

function wear(theme: 'light' | 'dark' | null): void {
  const page = document.documentElement;
  if (theme) page.dataset.theme = theme;
  else delete page.dataset.theme;
  try {
    if (theme) localStorage.setItem(themeNote, theme);
    else localStorage.removeItem(themeNote);
  } catch {
    // Storage may be forbidden. Then the next load paints the system's theme first.
  }
}
