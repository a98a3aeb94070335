import * as cache from 'next/cache.js';
import { cookies, headers } from 'next/headers.js';
import { connection } from 'next/server.js';

/**
 * The functions that not every supported version of Next exports: `refresh` came with 16.0, `io` later. They are read
 * from the namespace, because a module with a named import of a missing export does not load.
 */
const features: Partial<Pick<typeof cache, 'io' | 'refresh'>> = cache;

/** A cookie that no browser has. Next renders the page of a server action again if the action sets or clears a cookie. */
const refreshCookie = 'trpc-session-refresh';

/**
 * Ends every kind of prerendering, runtime prefetches included, so that no session ends up in a shared page. `io` and
 * `connection` do the same outside cached functions.
 */
export async function endPrerendering(): Promise<void> {
  await (features.io ?? connection)();
}

/**
 * In a server action, makes Next render the page again, for this visitor only. Elsewhere does nothing or throws. Before
 * Next 16 it clears a cookie that does not exist: `revalidatePath` and `revalidateTag` would also discard the pages that
 * other visitors share.
 */
export async function refreshPage(): Promise<void> {
  if (features.refresh) return features.refresh();
  // Without this header, a form was sent without JavaScript, and Next renders the whole page anyway.
  if ((await headers()).has('next-action')) (await cookies()).delete(refreshCookie);
}

/** Whether `headers()` or `cookies()` threw this because Next is handling no request, as in a job or a test. */
export function isOutsideRequest(error: unknown): boolean {
  return error instanceof Error && error.message.includes('outside a request scope');
}
