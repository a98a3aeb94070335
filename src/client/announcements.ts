import { announcementHeader } from '../core/ports/announcement-header.ts';
import type { AnnouncementEventType, SessionAnnouncement } from '../core/session/announcement.ts';

const announcementEvent: AnnouncementEventType = 'trpc-session';

/** Passes an announcement to the providers of this page. On a server, and in an app without a document, does nothing. */
export function dispatchAnnouncement(announcement: SessionAnnouncement): void {
  if (typeof document === 'undefined') return;
  window.dispatchEvent(new CustomEvent(announcementEvent, { detail: announcement }));
}

/** Returns what a response announces, or null if it announces nothing, or is not known. */
export function readAnnouncement(response: Response | undefined): SessionAnnouncement | null {
  const outcome = response?.headers.get(announcementHeader);
  if (!outcome) return null;
  return outcome === 'missing' || outcome === 'expired' ? 'refused' : 'changed';
}

/**
 * A `fetch` that passes what the server announces about the session on to `<SessionProvider>`: for tRPC links other than
 * `sessionLink`, and for calls without tRPC. The hooks of this tab and of the others then show the new session. A response
 * that streams cannot announce anything; for such calls use `sessionLink`.
 *
 * @example httpBatchLink({ url: '/api/trpc', fetch: sessionFetch })
 * @example await sessionFetch('/api/sign-out', { method: 'POST' });
 */
export async function sessionFetch(
  input: string | URL | Request,
  init?: RequestInit | { readonly headers?: RequestInit['headers'] | undefined },
): Promise<Response> {
  const response = await globalThis.fetch(input, init as RequestInit | undefined);
  const announcement = readAnnouncement(response);
  if (announcement) dispatchAnnouncement(announcement);
  return response;
}
