'use client';

import { useServerInsertedHTML } from 'next/navigation';
import { useRef } from 'react';

/** Where the browser keeps a copy of the session's theme, for the first paint only. The session has the real value. */
export const themeStorageKey = 'theme';

/**
 * Runs before the first paint. The prerendered page does not include the session, so without this script a page with a
 * dark theme would be light for a moment.
 */
const script = `try{var t=localStorage.getItem('${themeStorageKey}');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch(e){}`;

/** Adds the script to the HTML of the server. When React renders the layout in the browser, there is nothing to run. */
export function ThemeScript() {
  const isInserted = useRef(false);
  useServerInsertedHTML(() => {
    // Next calls this for every part that it streams, and one script is enough.
    if (isInserted.current) return null;
    isInserted.current = true;
    // biome-ignore lint/security/noDangerouslySetInnerHtml: the script is a constant of this file
    return <script dangerouslySetInnerHTML={{ __html: script }} />;
  });
  return null;
}
