/**
 * The path when it stays within this app, else the fallback: for `?next=` after sign-in (CWE-601). Refuses other hosts in
 * every spelling that browsers take for one: `//host`, `/\host`, tabs and newlines in between, and anything with a scheme.
 */
export function localPath(next: unknown, fallback: string): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next) || next.length > 2048) return fallback;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop these, and `/\t/host` becomes `//host`
  if (/[\u0000-\u001f\u007f\\]/.test(next)) return fallback;
  const base = 'http://app.invalid';
  if (!URL.canParse(next, base)) return fallback;
  const url = new URL(next, base);
  return url.origin === base && !url.pathname.startsWith('//') ? next : fallback;
}
