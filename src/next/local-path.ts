/**
 * Returns `next` if it is a path of this app, otherwise the fallback: for `?next=` after sign-in, so that a link cannot
 * send users to another site (open redirect). It refuses other hosts in every spelling that browsers accept: `//host`,
 * `/\host`, with tabs or newlines in between, or with a scheme. Paths longer than 2048 characters are refused. Characters
 * that no header carries are percent-encoded.
 *
 * @param next Untrusted input, such as a query parameter. Anything but a string is refused.
 * @param fallback Where to go instead.
 * @see CWE-601
 * @example redirect(localPath(form.get('next'), '/dashboard'));
 */
export function localPath(next: unknown, fallback: string): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next) || next.length > 2048) return fallback;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers remove these, and `/\t/host` becomes `//host`
  if (/[\u0000-\u001f\u007f\\]/.test(next)) return fallback;
  const base = 'http://app.invalid';
  if (!URL.canParse(next, base)) return fallback;
  const url = new URL(next, base);
  if (url.origin !== base || url.pathname.startsWith('//')) return fallback;
  // A header carries no other characters: a redirect would fail after the user has signed in.
  return /^[\x21-\x7e]*$/.test(next) ? next : url.pathname + url.search + url.hash;
}
