import type { SessionEnding } from '../core/errors.ts';
import { type EndedSession, endingLifetimes } from '../core/ports/session-ending.ts';
import type { DestroyResult, RegenerateResult, ReplaceResult, StartResult } from '../core/ports/store.ts';
import type { ReadResult } from '../core/ports/store-read.ts';
import type { ListedSession, SessionHeader } from '../core/ports/stored-session.ts';

/** A header as the scripts write it. The hash comes first. */
const headerPattern = /^(\S+) (\d+) (\S+) \S+ (\d+) (\d+) (\d+) (\d+) (\d+) \S+\n(.*)$/s;
/** What the scripts write where a session was before its last regeneration, or before it ended. */
const markerPattern = /^(moved|ended) (\S+)$/;
const knownEndings: ReadonlySet<string> = new Set(Object.keys(endingLifetimes));

/**
 * Thrown if a reply was meant for another call, as after a connection has lost count of its replies. The call fails, so
 * that no user gets the session of another one.
 */
class ForeignReplyError extends Error {
  override readonly name = 'ForeignReplyError';

  constructor() {
    super('The reply of Redis does not belong to this command. Check the client and the proxies between it and Redis.');
  }
}

/** Parses the two fields of a session. */
export function parseFields(reply: unknown, hash: string): ReadResult {
  if (!Array.isArray(reply) || reply.length !== 2) throw new ForeignReplyError();
  const [header, body] = reply as readonly unknown[];
  if (header === null) return null;
  if (typeof header !== 'string') throw new ForeignReplyError();
  const parsed = parseHeader(header);
  if (!parsed) return parseMarker(header);
  if (parsed.hash !== hash) throw new ForeignReplyError();
  return typeof body === 'string' ? { ...parsed.header, body } : 'unreadable';
}

/** A newer version of this store may leave reasons that this one does not have. */
function parseMarker(text: string): EndedSession | 'unreadable' | null {
  const [, kind, target = ''] = markerPattern.exec(text) ?? [];
  if (kind === undefined) return 'unreadable';
  return kind === 'ended' && knownEndings.has(target) ? { ended: target as SessionEnding } : null;
}

/** Checks that a script ran for this hash or key, and returns the rest of its reply. */
export function takeOwnReply(reply: unknown, own: string): readonly unknown[] {
  if (!Array.isArray(reply) || reply[0] !== own) throw new ForeignReplyError();
  return reply.slice(1);
}

type Result = StartResult | ReplaceResult | RegenerateResult | DestroyResult;

/**
 * Parses the status that a script returned and, for some statuses, the session.
 *
 * @param sentBody The body that the command wrote. The script does not send it back.
 */
export function parseResult<R extends Result>([status, text, body = null]: readonly unknown[], sentBody?: string): R {
  if (typeof status !== 'string') throw new ForeignReplyError();
  if (text === undefined) return { status } as R;
  const parsed = typeof text === 'string' ? parseHeader(text) : null;
  if (!parsed) throw new ForeignReplyError();
  return { status, session: { ...parsed.header, body: body ?? sentBody ?? '' } } as R;
}

/** Parses what the list script returned, and sorts it: the oldest first. Redis is spared the sorting. */
export function parseHeaders(texts: readonly unknown[]): ListedSession[] {
  const parsed = texts.map((text) => (typeof text === 'string' ? parseHeader(text) : null));
  const listed = parsed.flatMap((one) => (one ? { hash: one.hash, ...one.header } : []));
  return listed.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

/** Parses the reply of SCAN. Checks that every key begins like the keys that were asked for. */
export function parseKeyPage(reply: unknown, keyPrefix: string, start: string): { position: string; keys: string[] } {
  const [position, keys] = Array.isArray(reply) ? reply : [];
  const isOwnKey = (key: unknown): key is string => typeof key === 'string' && key.startsWith(keyPrefix + start);
  if (typeof position !== 'string' || !Array.isArray(keys) || !keys.every(isOwnKey)) throw new ForeignReplyError();
  return { position, keys: keys.map((key) => key.slice(keyPrefix.length)) };
}

function parseHeader(text: string): { readonly hash: string; readonly header: SessionHeader } | null {
  const match = headerPattern.exec(text);
  if (!match) return null;
  const [, hash = '', revision, id = '', createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs, summary = ''] =
    match;
  const header = {
    id,
    revision: Number(revision),
    createdAt: Number(createdAt),
    authenticatedAt: Number(authenticatedAt),
    lastSeenAt: Number(lastSeenAt),
    expiresAt: Number(expiresAt),
    idleMs: Number(idleMs),
    summary,
  };
  return { hash, header };
}
