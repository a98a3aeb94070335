import type { SessionErrorCode, SessionLimit } from 'trpc-session';
import type { Data } from './world.ts';

/** What a real answer is compared with. */
export type Expected = { readonly answer: unknown } | { readonly refused: SessionErrorCode };

/** How long the sessions of these runs live, in milliseconds: short of a touch, of idle and of the end. */
export const times = { touchEveryMs: 6_000, idleMs: 60_000, absoluteMs: 100_000, briefIdleMs: 20_000, briefMs: 30_000 };

/** One session as the model has it. `credential` is what the browser holds: all of it changes but the order of birth. */
export interface Modelled {
  credential: string;
  id: string;
  data: Data;
  revision: number;
  authenticatedAt: number;
  lastSeenAt: number;
  expiresAt: number;
  /** What the browser held before the last regeneration, and until when. It opens nothing, but it still ends. */
  previous: { readonly credential: string; readonly expiresAt: number } | null;
  readonly createdAt: number;
  readonly idleMs: number;
}

export interface SignIn {
  /** Whose session; undefined for a visitor's, which is nobody's. */
  readonly user: string | undefined;
  readonly carry: boolean;
  readonly brief: boolean;
}

export type Edit = 'theme' | 'count' | 'subject' | 'nonsense';

interface ModelSettings {
  readonly now: number;
  readonly limit: SessionLimit;
  readonly browsers: number;
  /** Whether a sign-out takes the credential out of the browser; where it does not, the app would have to. */
  readonly clears: boolean;
}

/** Sessions as anyone would explain them: a list, in the order of their birth. No hashes, no retries, no store. */
export class Model {
  now: number;
  sessions: Modelled[] = [];
  /** By browser: the credential in its jar. */
  readonly jars: (string | null)[];
  /** Every credential that ever was. */
  readonly issued: string[] = [];
  /** Every public id that ever was. */
  readonly ids: string[] = [];
  readonly #limit: SessionLimit;
  readonly clears: boolean;

  constructor({ now, limit, browsers, clears }: ModelSettings) {
    this.now = now;
    this.#limit = limit;
    this.clears = clears;
    this.jars = Array.from({ length: browsers }, () => null);
  }

  /** The session that a credential opens now. */
  find(credential: string | null): Modelled | null {
    return this.sessions.find((session) => session.credential === credential && this.lives(session)) ?? null;
  }

  lives({ lastSeenAt, idleMs, expiresAt }: Modelled): boolean {
    return this.now < Math.min(lastSeenAt + idleMs, expiresAt);
  }

  /** The session that a credential ends, by a sign-out or a sign-in: the one it opens, or the one that it opened a regeneration ago. */
  findToEnd(credential: string | null): Modelled | null {
    const wasHeld = ({ previous }: Modelled) => previous?.credential === credential && this.now < previous.expiresAt;
    return this.find(credential) ?? this.sessions.find((session) => wasHeld(session) && this.lives(session)) ?? null;
  }

  /** Who a browser is signed in as, or why it is nobody. */
  ofBrowser(browser: number): Modelled | Extract<Expected, { refused: unknown }> {
    const credential = this.jars[browser] ?? null;
    return this.find(credential) ?? { refused: credential === null ? 'MISSING' : 'EXPIRED' };
  }

  /** The live sessions of a user, oldest first. */
  ofUser(user: string): Modelled[] {
    return this.sessions.filter((session) => session.data.user === user && this.lives(session));
  }

  /** Its own siblings and itself. A session of nobody has none. */
  family(session: Modelled): Modelled[] {
    return session.data.user === undefined ? [session] : this.ofUser(session.data.user);
  }

  /** What a sign-in replaces and pushes out, and the data it begins with; or that it is refused. */
  startPlan(browser: number, { user, carry }: SignIn): { data: Data; ends: Modelled[] } | { refused: 'LIMIT_REACHED' } {
    const old = this.find(this.jars[browser] ?? null);
    const replaced = this.findToEnd(this.jars[browser] ?? null);
    const others = user === undefined ? [] : this.ofUser(user).filter((session) => session !== replaced);
    const surplus = others.length + 1 - this.#limit.max;
    if (surplus > 0 && this.#limit.whenFull === 'refuse') return { refused: 'LIMIT_REACHED' };
    const pushedOut = others.slice(0, Math.max(0, surplus));
    return {
      data: firstData(user, carry ? (old?.data ?? null) : null),
      ends: replaced ? [replaced, ...pushedOut] : pushedOut,
    };
  }

  begin(
    browser: number,
    data: Data,
    { id, credential, brief }: { id: string; credential: string; brief: boolean },
  ): void {
    const [idleMs, lifeMs] = brief ? [times.briefIdleMs, times.briefMs] : [times.idleMs, times.absoluteMs];
    const { now } = this;
    const clocks = { createdAt: now, authenticatedAt: now, lastSeenAt: now, expiresAt: now + lifeMs, idleMs };
    const session = { credential, id, data, revision: 1, previous: null, ...clocks };
    this.sessions.push(session);
    this.hand(browser, credential, session);
    this.ids.push(id);
  }

  hand(browser: number, credential: string, session: Modelled): void {
    session.credential = credential;
    this.jars[browser] = credential;
    this.issued.push(credential);
  }

  /** What an edit comes to; null when it is refused. */
  edited({ data }: Modelled, edit: Edit): Data | { refused: 'SUBJECT_CHANGED' | 'INVALID_DATA' } {
    if (edit === 'subject') return { refused: 'SUBJECT_CHANGED' };
    if (edit === 'nonsense') return { refused: 'INVALID_DATA' };
    return edit === 'theme' ? { ...data, theme: `${data.theme}!` } : { ...data, count: data.count + 1 };
  }

  write(session: Modelled, data: Data): void {
    session.data = data;
    session.revision += 1;
  }

  renew(session: Modelled, again: boolean): void {
    session.revision += 1;
    session.previous = { credential: session.credential, expiresAt: session.expiresAt };
    if (!again) return;
    session.expiresAt = this.now + (session.expiresAt - session.authenticatedAt);
    session.authenticatedAt = this.now;
    session.lastSeenAt = this.now;
  }

  /** One that lives a third as long is marked three times as often. */
  touch(session: Modelled): void {
    const dueMs = times.touchEveryMs * (session.idleMs / times.idleMs);
    if (this.now - session.lastSeenAt >= dueMs) session.lastSeenAt = this.now;
  }

  end(ended: readonly Modelled[]): void {
    this.sessions = this.sessions.filter((session) => !ended.includes(session));
  }

  signOut(browser: number): void {
    if (this.clears) this.jars[browser] = null;
  }
}

export function firstData(user: string | undefined, old: Data | null): Data {
  const { theme, count } = old ?? { theme: 'light', count: 0 };
  return { ...(user !== undefined && { user }), theme, count, from: old ? (old.user ?? 'a visitor') : 'nobody' };
}
