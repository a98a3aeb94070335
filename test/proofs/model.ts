import type { SessionEnding, SessionErrorCode, SessionLimit } from 'trpc-session';
import type { Data } from './backends.ts';

/** What a real result is compared with. */
export type Expected = { readonly result: unknown } | { readonly rejected: SessionErrorCode };

/** The lifetimes of these sessions, in milliseconds. */
export const times = {
  touchEveryMs: 6_000,
  idleMs: 60_000,
  absoluteMs: 100_000,
  shortIdleMs: 20_000,
  shortAbsoluteMs: 30_000,
};

/** One session of the model. */
export interface ModelSession {
  /** What the browser holds. */
  credential: string;
  id: string;
  data: Data;
  revision: number;
  authenticatedAt: number;
  lastSeenAt: number;
  expiresAt: number;
  /**
   * What the browser held before the last regeneration, and until when. It opens nothing, but can still end the
   * session.
   */
  previous: { readonly credential: string; readonly expiresAt: number } | null;
  readonly createdAt: number;
  readonly idleMs: number;
}

/** Why a session ended, and until when that is known. */
interface Ending {
  readonly reason: SessionEnding;
  readonly until: number;
}

export interface SignIn {
  /** Whose session it is; undefined for a guest. */
  readonly user: string | undefined;
  readonly carry: boolean;
  readonly isShort: boolean;
}

export type Edit = 'theme' | 'count' | 'subject' | 'invalid';

interface ModelSettings {
  readonly now: number;
  readonly limit: SessionLimit;
  readonly browsers: number;
  /** Whether a sign-out removes the credential from the browser. With a header, the app would have to do it. */
  readonly clearsCredential: boolean;
}

/** The expected behaviour, as simply as possible: a list of sessions, oldest first. No hashes, no retries, no store. */
export class Model {
  now: number;
  sessions: ModelSession[] = [];
  /** The credential that each browser holds. */
  readonly jars: (string | null)[];
  /** By the credential that the session had last. */
  readonly endings = new Map<string, Ending>();
  /** Every credential so far. */
  readonly issued: string[] = [];
  /** Every public id so far. */
  readonly ids: string[] = [];
  readonly #limit: SessionLimit;
  readonly clearsCredential: boolean;

  constructor({ now, limit, browsers, clearsCredential }: ModelSettings) {
    this.now = now;
    this.#limit = limit;
    this.clearsCredential = clearsCredential;
    this.jars = Array.from({ length: browsers }, () => null);
  }

  /** The session that a credential opens now. */
  find(credential: string | null): ModelSession | null {
    return this.sessions.find((session) => session.credential === credential && this.isLive(session)) ?? null;
  }

  /** Why the session of a credential ended, if that is known. */
  findEnding(credential: string | null): SessionEnding | undefined {
    const ending = this.endings.get(credential ?? '');
    return ending && this.now < ending.until ? ending.reason : undefined;
  }

  isLive({ lastSeenAt, idleMs, expiresAt }: ModelSession): boolean {
    return this.now < Math.min(lastSeenAt + idleMs, expiresAt);
  }

  /** The session that a sign-out or sign-in with a credential ends: the one it opens, or opened a regeneration ago. */
  findToEnd(credential: string | null): ModelSession | null {
    const wasHeld = ({ previous }: ModelSession) =>
      previous?.credential === credential && this.now < previous.expiresAt;
    return this.find(credential) ?? this.sessions.find((session) => wasHeld(session) && this.isLive(session)) ?? null;
  }

  /** The session of a browser, or the code with which a guard rejects it. */
  getForBrowser(browser: number): ModelSession | Extract<Expected, { rejected: unknown }> {
    const credential = this.jars[browser] ?? null;
    return this.find(credential) ?? { rejected: credential === null ? 'MISSING' : 'EXPIRED' };
  }

  /** The live sessions of a user, oldest first. */
  listForUser(user: string): ModelSession[] {
    return this.sessions.filter((session) => session.data.user === user && this.isLive(session));
  }

  /** A session and its siblings. A guest's session has none. */
  listFamily(session: ModelSession): ModelSession[] {
    return session.data.user === undefined ? [session] : this.listForUser(session.data.user);
  }

  /** The first data of a sign-in and the sessions it replaces or evicts, or the code with which it is rejected. */
  planSignIn(
    browser: number,
    { user, carry }: SignIn,
  ): { data: Data; replaced: ModelSession[]; evicted: ModelSession[] } | { rejected: 'LIMIT_REACHED' } {
    const old = this.find(this.jars[browser] ?? null);
    const replaced = this.findToEnd(this.jars[browser] ?? null);
    const others = user === undefined ? [] : this.listForUser(user).filter((session) => session !== replaced);
    const surplus = others.length + 1 - this.#limit.max;
    if (surplus > 0 && this.#limit.whenFull === 'refuse') return { rejected: 'LIMIT_REACHED' };
    const evicted = others.slice(0, Math.max(0, surplus));
    return {
      data: createFirstData(user, carry ? (old?.data ?? null) : null),
      replaced: replaced ? [replaced] : [],
      evicted,
    };
  }

  signIn(
    browser: number,
    data: Data,
    { id, credential, isShort }: { id: string; credential: string; isShort: boolean },
  ): void {
    const [idleMs, lifetimeMs] = isShort
      ? [times.shortIdleMs, times.shortAbsoluteMs]
      : [times.idleMs, times.absoluteMs];
    const { now } = this;
    const clocks = { createdAt: now, authenticatedAt: now, lastSeenAt: now, expiresAt: now + lifetimeMs, idleMs };
    const session = { credential, id, data, revision: 1, previous: null, ...clocks };
    this.sessions.push(session);
    this.issue(browser, credential, session);
    this.ids.push(id);
  }

  issue(browser: number, credential: string, session: ModelSession): void {
    session.credential = credential;
    this.jars[browser] = credential;
    this.issued.push(credential);
  }

  /** The data after an edit, or the code with which it is rejected. */
  applyEdit({ data }: ModelSession, edit: Edit): Data | { rejected: 'SUBJECT_CHANGED' | 'INVALID_DATA' } {
    if (edit === 'subject') return { rejected: 'SUBJECT_CHANGED' };
    if (edit === 'invalid') return { rejected: 'INVALID_DATA' };
    return edit === 'theme' ? { ...data, theme: `${data.theme}!` } : { ...data, count: data.count + 1 };
  }

  write(session: ModelSession, data: Data): void {
    session.data = data;
    session.revision += 1;
  }

  regenerate(session: ModelSession, reauthenticated: boolean): void {
    session.revision += 1;
    session.previous = { credential: session.credential, expiresAt: session.expiresAt };
    if (!reauthenticated) return;
    session.expiresAt = this.now + (session.expiresAt - session.authenticatedAt);
    session.authenticatedAt = this.now;
    session.lastSeenAt = this.now;
  }

  /** A session with a third of the idle timeout is touched three times as often. */
  touch(session: ModelSession): void {
    const dueMs = times.touchEveryMs * (session.idleMs / times.idleMs);
    if (this.now - session.lastSeenAt >= dueMs) session.lastSeenAt = this.now;
  }

  end(ended: readonly ModelSession[], reason: SessionEnding): void {
    for (const { credential, expiresAt } of ended) this.endings.set(credential, { reason, until: expiresAt });
    this.sessions = this.sessions.filter((session) => !ended.includes(session));
  }

  clearCredential(browser: number): void {
    if (this.clearsCredential) this.jars[browser] = null;
  }
}

export function createFirstData(user: string | undefined, old: Data | null): Data {
  const { theme, count } = old ?? { theme: 'light', count: 0 };
  return { ...(user !== undefined && { user }), theme, count, from: old ? (old.user ?? 'a guest') : 'none' };
}
