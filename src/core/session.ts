import type { SessionTypes } from './engine.ts';
import { isSessionError, SessionError } from './errors.ts';
import { type Duration, durationMs, type Lifetimes, lifetimes } from './expiry.ts';
import {
  type Exchange,
  expired,
  findCredential,
  isAbsent,
  locate,
  missing,
  type Present,
  type Reading,
  readAt,
  readSession,
  touchIfDue,
} from './reading.ts';
import { parseEnvelope } from './record.ts';
import { obstacleAdvice } from './sink.ts';
import type { Immutable, Snapshot } from './snapshot.ts';
import type { Address, Revocation, StoredSession } from './store.ts';
import { type Narrowed, type Verifier, verify } from './verifier.ts';
import { type AuthenticatedView, type UnauthenticatedView, viewOf } from './view.ts';
import {
  assertOwnSite,
  type Beginning,
  type Change,
  type Minted,
  regenerateSession,
  startSession,
  updateSession,
} from './writing.ts';

export interface GetOptions {
  /** True: looking does not keep the session alive. Default: true in a Server Component render, else false. */
  readonly passive?: boolean;
}

export interface StartOptions {
  /** This session's own idle timeout. Default: the manager's. */
  readonly idle?: Duration;
  /** This session's own absolute timeout. Default: the manager's. */
  readonly absolute?: Duration;
  /** False: the cookie ends with the browser. Default true. */
  readonly remember?: boolean;
}

export interface RegenerateOptions {
  /** True after a confirmed password: `authenticatedAt` and both clocks start anew. Default false. */
  readonly reauthenticated?: boolean;
}

/** The session as it is now, and the token where the client must be handed it: null when a cookie carries it. */
export interface Issued<Data> {
  readonly session: Snapshot<Data>;
  readonly token: string | null;
}

/** One entry of a user's "where you are signed in". Times are milliseconds since the epoch. */
export interface SessionInfo {
  readonly id: string;
  readonly current: boolean;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly device: string | null;
}

/**
 * This request's session. Lazy: nothing is read until somebody asks, and then once. Writes run in the order of
 * their calls, are done when their promise resolves, and later reads see them. Everything that asks the store rejects
 * with `UNAVAILABLE` when it cannot answer.
 */
export interface Session<T extends SessionTypes> {
  /** The session, or null for nobody. */
  get(options?: GetOptions): Promise<Snapshot<Immutable<T['data']>> | null>;
  /** What the browser may see of it. Passive. */
  view(): Promise<AuthenticatedView<T['view']> | UnauthenticatedView>;
  /** Whether the request carries a well-formed, unexpired token. Asks no store, so it proves nothing: a hint for redirects. */
  hasToken(): Promise<boolean>;
  /** The session, when there is one and every verifier passes; rejects with `MISSING`, `EXPIRED`, `STALE`, `REFUSED` or `CROSS_SITE`. */
  require<const V extends readonly Verifier<Immutable<T['data']>>[]>(
    ...verifiers: V
  ): Promise<GuardedSession<T, Narrowed<Immutable<T['data']>, V>>>;
  /** Signs in. Always a new token; the session it replaces is dead at once. */
  start(beginning: Beginning<T>, options?: StartOptions): Promise<Issued<Immutable<T['data']>>>;
  /** Changes the data by a patch, merged at the top level, or by a pure function. No parallel update is lost. */
  update(change: Change<T>): Promise<Snapshot<Immutable<T['data']>>>;
  /** A new token for the same session; the old one is dead at once. */
  regenerate(options?: RegenerateOptions): Promise<Issued<Immutable<T['data']>>>;
  /** Signs out. Twice is fine. `cookieCleared` is false where no cookie can be sent; what is left of it is inert. */
  destroy(): Promise<{ readonly cookieCleared: boolean }>;
  /** The live sessions of this session's subject, the current one first, then the last seen first. */
  list(): Promise<readonly SessionInfo[]>;
  /** Ends one of them by its id; false when there is none. */
  revoke(id: string): Promise<boolean>;
  /** Ends all of them but this one, and says how many. */
  revokeOthers(): Promise<number>;
}

/** What a passed guard hands on: the session's methods, and what the guard saw. */
export type GuardedSession<T extends SessionTypes, Data> = Session<T> & Snapshot<Data>;

/** How long a read may be remembered: for one request, or not at all on connections that live for hours. */
export type Memory = 'request' | 'none';

export function openSession<T extends SessionTypes>(exchange: Exchange<T>, memory: Memory): Session<T> {
  const request = new RequestSession(exchange, memory);
  if (findCredential(exchange).value !== null) exchange.sink.markPrivate();
  const session: Session<T> = {
    get: (options) => request.get(options),
    view: () => request.view(),
    hasToken: async () => !isAbsent(await locate(exchange)),
    require: async (...verifiers) => ({ ...session, ...(await request.guard(verifiers)) }) as never,
    start: (beginning, options) => request.inOrder(() => request.start(beginning, options)),
    update: (change) => request.inOrder(() => request.update(change)),
    regenerate: (options) => request.inOrder(() => request.regenerate(options)),
    destroy: () => request.inOrder(() => request.destroy()),
    list: () => request.list(),
    revoke: (id) => request.inOrder(() => request.revoke(id)),
    revokeOthers: () => request.inOrder(() => request.revokeOthers()),
  };
  return session;
}

/** The state of one request: what was read, and the writes under way. */
class RequestSession<T extends SessionTypes> {
  readonly #exchange: Exchange<T>;
  readonly #memory: Memory;
  #known: Promise<Reading<T['data']>> | null = null;
  #writes: Promise<unknown> = Promise.resolve();
  /** Where a token made on this handle points: the request itself carries an older one, or none. */
  #issued: Address | null = null;
  #touched = false;

  constructor(exchange: Exchange<T>, memory: Memory) {
    this.#exchange = exchange;
    this.#memory = memory;
  }

  async get({ passive }: GetOptions = {}): Promise<Snapshot<Immutable<T['data']>> | null> {
    const reading = await this.#settled();
    if (reading.status === 'absent') return null;
    if (!(passive ?? this.#exchange.sink.cookieObstacle() === 'render')) this.#touch(reading);
    return reading.snapshot;
  }

  async view(): Promise<AuthenticatedView<T['view']> | UnauthenticatedView> {
    const { engine } = this.#exchange;
    return viewOf<T>(engine.view, await this.get({ passive: true }), engine.now());
  }

  async guard(verifiers: readonly Verifier<never>[]): Promise<Snapshot<Immutable<T['data']>>> {
    const { engine } = this.#exchange;
    assertOwnSite(this.#exchange);
    try {
      const session = await this.get();
      if (!session) throw await this.#absence();
      await verify(verifiers, { session, now: engine.now() });
      return session;
    } catch (error) {
      if (isSessionError(error) && error.reason) engine.emit({ type: 'rejected', reason: error.reason });
      throw error;
    }
  }

  async start(beginning: Beginning<T>, options: StartOptions = {}): Promise<Issued<Immutable<T['data']>>> {
    this.#assertMayIssue();
    const remember = options.remember ?? true;
    const start = { ...lifetimesOf(this.#exchange.engine.lifetimes, options), remember, beginning };
    return this.#issue(await startSession(this.#exchange, await this.#read(), start));
  }

  async update(change: Change<T>): Promise<Snapshot<Immutable<T['data']>>> {
    assertOwnSite(this.#exchange);
    const reading = await updateSession(this.#exchange.engine, await this.#present(), change);
    this.#known = Promise.resolve(reading);
    if (reading.status === 'absent') throw new SessionError(reading.code);
    return reading.snapshot;
  }

  async regenerate({ reauthenticated = false }: RegenerateOptions = {}): Promise<Issued<Immutable<T['data']>>> {
    this.#assertMayIssue();
    const minted = await regenerateSession(this.#exchange.engine, await this.#present(), reauthenticated);
    if (minted) return this.#issue(minted);
    this.#known = Promise.resolve(expired);
    throw new SessionError('EXPIRED');
  }

  async destroy(): Promise<{ readonly cookieCleared: boolean }> {
    assertOwnSite(this.#exchange);
    const { engine } = this.#exchange;
    const known = await this.#known?.catch(() => null);
    const at = known?.status === 'present' ? known.at : await this.#place();
    const ended = at !== null && (await engine.ask('destroy', (store) => store.destroy(at)));
    const id = known?.status === 'present' ? known.snapshot.id : null;
    if (ended) engine.emit({ type: 'destroyed', id });
    return { cookieCleared: this.#forget() };
  }

  async list(): Promise<readonly SessionInfo[]> {
    const { at, snapshot } = await this.#present(this.#settled());
    const stored = await this.#exchange.engine.ask('list', (store) => store.list(at.key));
    return stored.map((session) => infoOf(session, snapshot.id)).sort(currentFirst);
  }

  async revoke(id: string): Promise<boolean> {
    const { snapshot } = await this.#present();
    // By its id even when it is this one: a parallel regenerate may have moved it to another token.
    const ended = (await this.#revoke({ id })) > 0;
    if (id === snapshot.id) this.#forget();
    return ended;
  }

  async revokeOthers(): Promise<number> {
    const { snapshot } = await this.#present();
    return this.#revoke({ except: snapshot.id });
  }

  /** Runs a write after the writes that were asked for earlier. */
  inOrder<Answer>(write: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#writes.then(write);
    this.#writes = answer.catch(() => {});
    return answer;
  }

  async #revoke(which: Revocation): Promise<number> {
    assertOwnSite(this.#exchange);
    const { engine } = this.#exchange;
    const { at } = await this.#present();
    const count = await engine.ask('revoke', (store) => store.revoke(at.key, which));
    engine.emit({ type: 'revoked', count });
    return count;
  }

  /** What is known once every write that was asked for is done. */
  async #settled(): Promise<Reading<T['data']>> {
    await this.#writes;
    return this.#read();
  }

  #read(): Promise<Reading<T['data']>> {
    if (this.#known && this.#memory === 'request') return this.#known;
    this.#exchange.sink.markPrivate();
    this.#known = this.#issued ? readAt(this.#exchange.engine, this.#issued) : readSession(this.#exchange);
    return this.#known;
  }

  async #present(reading = this.#read()): Promise<Present<T['data']>> {
    const found = await reading;
    if (found.status === 'absent') throw new SessionError(found.code);
    return found;
  }

  async #absence(): Promise<SessionError> {
    const reading = await this.#known;
    return new SessionError(reading?.status === 'absent' ? reading.code : 'EXPIRED');
  }

  async #place(): Promise<Address | null> {
    const at = this.#issued ?? (await locate(this.#exchange));
    return isAbsent(at) ? null : at;
  }

  #touch(reading: Present<T['data']>): void {
    if (this.#touched && this.#memory === 'request') return;
    this.#touched = true;
    touchIfDue(this.#exchange.engine, reading);
  }

  /** Refuses before anything is changed what could not be delivered afterwards. */
  #assertMayIssue(): void {
    assertOwnSite(this.#exchange);
    const { request, sink } = this.#exchange;
    findCredential(this.#exchange).carrier.assertDeliverable(request, sink);
  }

  async #issue({ token, reading }: Minted<T['data']>): Promise<Issued<Immutable<T['data']>>> {
    const { engine, sink } = this.#exchange;
    this.#known = Promise.resolve(reading);
    this.#issued = reading.at;
    this.#touched = true;
    sink.markPrivate();
    const { snapshot, envelope } = reading;
    const terms = { maxAgeMs: snapshot.expiresAt - engine.now(), remember: envelope.remember };
    try {
      const handed = await findCredential(this.#exchange).carrier.deliver(token, terms, sink);
      return { session: snapshot, token: handed };
    } catch (cause) {
      // Nobody has this token, so nobody may have its session.
      this.#known = Promise.resolve(expired);
      await engine.ask('destroy', (store) => store.destroy(reading.at)).catch(() => {});
      throw isSessionError(cause)
        ? cause
        : new SessionError('COOKIE_UNWRITABLE', { hint: obstacleAdvice.ended, cause });
    }
  }

  #forget(): boolean {
    const { carrier } = findCredential(this.#exchange);
    this.#known = Promise.resolve(missing);
    this.#exchange.sink.markPrivate();
    return carrier.clear(this.#exchange.sink);
  }
}

function lifetimesOf(defaults: Lifetimes, { idle, absolute }: StartOptions): Lifetimes {
  if (idle === undefined && absolute === undefined) return defaults;
  const idleMs = Math.min(defaults.idleMs, absolute === undefined ? defaults.idleMs : durationMs('absolute', absolute));
  return lifetimes(
    { ...(idle !== undefined && { idle }), ...(absolute !== undefined && { absolute }) },
    { idle: idleMs, absolute: defaults.absoluteMs },
  );
}

function infoOf({ id, createdAt, lastSeenAt, body }: StoredSession, currentId: string): SessionInfo {
  const device = parseEnvelope(body)?.device ?? null;
  return { id, current: id === currentId, createdAt, lastSeenAt, device };
}

function currentFirst(a: SessionInfo, b: SessionInfo): number {
  return Number(b.current) - Number(a.current) || b.lastSeenAt - a.lastSeenAt;
}
