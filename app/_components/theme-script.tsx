'use client';

import { useServerInsertedHTML } from 'next/navigation';
import { useRef } from 'react';

/** Where the browser notes the session's theme. A note for the next first paint and nothing more; the session decides. */
export const themeNote = 'theme';

/**
 * Runs while the page is parsed, before anything is painted. The prerendered page knows no session yet, and without
 * this a dark session would flash light on a light system.
 */
const script = `try{var t=localStorage.getItem('${themeNote}');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch(e){}`;

/** Goes into the HTML alone: where React draws the layout anew in the browser there is nothing to run. */
export function ThemeScript() {
  const isThere = useRef(false);
  useServerInsertedHTML(() => {
    // Asked with every part that streams.
    if (isThere.current) return null;
    isThere.current = true;
    // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours
    return <script dangerouslySetInnerHTML={{ __html: script }} />;
  });
  return null;
}
