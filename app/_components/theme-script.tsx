/** Where the browser notes the session's theme. A note for the next first paint and nothing more; the session decides. */
export const themeNote = 'theme';

/**
 * Runs while the page is parsed, before anything is painted. The prerendered page knows no session yet, and without
 * this a dark session would flash light on a light system.
 */
const script = `try{var t=localStorage.getItem('${themeNote}');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch(e){}`;

export function ThemeScript() {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours
  return <script dangerouslySetInnerHTML={{ __html: script }} />;
}
