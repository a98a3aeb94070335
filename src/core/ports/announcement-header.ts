/**
 * The response header that says what a request did to the session, or why it was refused. It names neither the user nor
 * the session. Client code on another origin can read it only if CORS exposes it.
 */
export const announcementHeader = 'session-announcement';

/**
 * The value of `announcementHeader`: a successful write, or `missing` and `expired` for a call that was refused because the
 * user is signed out.
 */
export type AnnouncedOutcome = AnnouncedWrite | AnnouncedRefusal;

type AnnouncedWrite = 'started' | 'ended' | 'regenerated' | 'updated';

type AnnouncedRefusal = 'missing' | 'expired';
