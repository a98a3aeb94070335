import { createOptionError } from '../core/errors.ts';
import { localPath } from './local-path.ts';

/** Carries the path of a page from `sessionProxy` to the page, because Next tells a Server Component no path. */
export const pagePathHeader = 'trpc-session-path';

/** The page that a visitor asked for. */
export interface PageRequest {
  /**
   * The path and query, without the base path, such as `/de/account?tab=1`. Null in a page that `sessionProxy` does not
   * cover.
   */
  readonly path: string | null;
  /** Returns a request header, such as `accept-language`, or null. */
  header(name: string): string | null;
}

/** A path of this app, or a function that returns one, for apps with a path per language. */
export type PagePath = string | ((page: PageRequest) => string);

/** The options of `createNextSession`. */
export interface NextSessionOptions {
  /**
   * The path of the sign-in page, such as `'/sign-in'`, or a function that returns it. `requireSession` and `sessionProxy`
   * redirect signed-out visitors of a page to it. If the page is covered by `sessionProxy`, `?next=` holds its path.
   *
   * @default undefined: the error goes to the page's error boundary
   * @example signIn: ({ path }) => (path?.startsWith('/de/') ? '/de/anmelden' : '/sign-in')
   */
  readonly signIn?: PagePath;
  /**
   * The path of the page that asks for the password again, or a function that returns it. A page whose guard needs a
   * fresh sign-in (`freshWithin`) redirects to it, with `?next=` as above.
   *
   * @default undefined: the error goes to the page's error boundary
   */
  readonly reauthenticate?: PagePath;
}

/** Checks a path option. @throws SessionError `INVALID_OPTION` unless it is a path of this app or a function. */
export function assertPagePath(option: string, value: PagePath | undefined): void {
  if (value === undefined || typeof value === 'function') return;
  toLocalPath(option, value);
}

/**
 * Returns where to send a visitor. `?next=` holds the path that they asked for, unless the path option has one itself.
 *
 * @throws SessionError `INVALID_OPTION` if the function returns anything but a path of this app.
 */
export function toPagePath(option: string, to: PagePath, page: PageRequest): string {
  const path = toLocalPath(option, typeof to === 'function' ? to(page) : to);
  const url = new URL(path, 'http://app.invalid');
  if (page.path === null || url.searchParams.has('next')) return path;
  url.searchParams.set('next', page.path);
  return url.pathname + url.search + url.hash;
}

/** Returns the page that a request asked for. The path may come from the client, so only a path of this app counts. */
export function toPageRequest(headers: Pick<Headers, 'get'>): PageRequest {
  const path = localPath(headers.get(pagePathHeader), '');
  return { path: path === '' ? null : path, header: (name) => headers.get(name) };
}

function toLocalPath(option: string, path: unknown): string {
  const local = localPath(path, '');
  if (local !== '') return local;
  throw createOptionError(option, "a path of this app, such as '/sign-in', or a function that returns one", path);
}
