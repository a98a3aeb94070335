/**
 * What a response said about the session. The client code that sees a response dispatches it on `window`, and every
 * mounted `<SessionProvider>` receives it. It is an event because the two share no module.
 *
 * - `changed`: the session was started, ended, regenerated or changed.
 * - `refused`: the call was refused because the user is signed out.
 * - `used`: the call succeeded, and may have kept the session alive.
 *
 * @example window.dispatchEvent(new CustomEvent('trpc-session', { detail: 'changed' }));
 */
export type SessionAnnouncement = 'changed' | 'refused' | 'used';

/** The type of the event. Its `detail` is the announcement. */
export type AnnouncementEventType = 'trpc-session';

/** The context of tRPC calls that a provider makes itself. Their results are not announced, because it handles them. */
export interface OwnCallContext {
  readonly 'trpc-session': true;
}
