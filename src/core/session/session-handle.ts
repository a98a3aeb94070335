import type { SessionTypes } from '../engine.ts';
import { isSessionError, SessionError } from '../errors.ts';
import type { Address, Revocation } from '../ports/store.ts';
import { runVerifiers, type Verifier } from '../ports/verifier.ts';
import { resolveOwnLifetimes } from '../record/expiry.ts';
import type { Immutable, SessionSnapshot } from '../record/snapshot.ts';
import { assertOwnSite, type Exchange, findCredential } from '../request/exchange.ts';
import { assertTokenDeliverable, deliverToken } from './deliver-token.ts';
import { type IssuedToken, regenerateSession, type SessionStart, startSession } from './issue-session.ts';
import { compareSessionInfo, listSessions, revokeSessions, type SessionInfo } from './list-sessions.ts';
import {
  expired,
  isAbsent,
  type LoadedSession,
  locateSession,
  missing,
  readSession,
  type SessionReading,
  touchSessionIfDue,
} from './read-session.ts';
import type { GetOptions, IssuedSession, Memory, RegenerateOptions, Session, StartOptions } from './session.ts';
import { type SessionChange, updateSession } from './update-session.ts';
import { type AuthenticatedView, toView, type UnauthenticatedView } from './view.ts';

export function openSession<T extends SessionTypes>(exchange: Exchange<T>, memory: Memory): Session<T> {
  const request = new SessionHandle(exchange, memory);
  if (findCredential(exchange).value !== null) exchange.sink.markPrivate();
  const session: Session<T> = {
    get: (options) => request.get(options),
    view: () => request.view(),
    hasToken: async () => !isAbsent(await locateSession(exchange)),
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
class SessionHandle<T extends SessionTypes> {
  readonly #exchange: Exchange<T>;
  readonly #memory: Memory;
  #known: Promise<SessionReading<T['data']>> | null = null;
  #writes: Promise<unknown> = Promise.resolve();
  /** Where a token made on this handle points: the request itself carries an older one, or none. */
  #issued: Address | null = null;
  #touched = false;

  constructor(exchange: Exchange<T>, memory: Memory) {
    this.#exchange = exchange;
    this.#memory = memory;
  }

  async get({ passive, fresh }: GetOptions = {}): Promise<SessionSnapshot<Immutable<T['data']>> | null> {
    const reading = await this.#settled(fresh);
    if (reading.status === 'absent') return null;
    if (!(passive ?? this.#isRender())) this.#touch(reading);
    return reading.snapshot;
  }

  async view(): Promise<AuthenticatedView<T['view']> | UnauthenticatedView> {
    const { engine } = this.#exchange;
    return toView<T>(engine.view, await this.get({ passive: true }), engine.now());
  }

  async guard(verifiers: readonly Verifier<never>[]): Promise<SessionSnapshot<Immutable<T['data']>>> {
    const { engine } = this.#exchange;
    assertOwnSite(this.#exchange);
    try {
      const reading = await this.#present(this.#settled());
      if (!this.#isRender()) this.#touch(reading);
      await runVerifiers(verifiers, { session: reading.snapshot, now: engine.now() });
      return reading.snapshot;
    } catch (error) {
      if (isSessionError(error) && error.reason) engine.emit({ type: 'rejected', reason: error.reason });
      throw error;
    }
  }

  async start(beginning: SessionStart<T>, options: StartOptions = {}): Promise<IssuedSession<Immutable<T['data']>>> {
    assertTokenDeliverable(this.#exchange);
    const remember = options.remember ?? true;
    const start = { ...resolveOwnLifetimes(this.#exchange.engine.lifetimes, options), remember, beginning };
    const reading = await this.#read();
    // Also where nothing was found: a slow request may be moving that session to a token that arrives after this one.
    return this.#issue(await startSession(this.#exchange, { at: await this.#place(reading), reading }, start));
  }

  async update(change: SessionChange<T>): Promise<SessionSnapshot<Immutable<T['data']>>> {
    assertOwnSite(this.#exchange);
    const reading = await updateSession(this.#exchange.engine, await this.#present(), change);
    this.#known = Promise.resolve(reading);
    if (reading.status === 'absent') throw new SessionError(reading.code);
    return reading.snapshot;
  }

  async regenerate({ reauthenticated = false }: RegenerateOptions = {}): Promise<IssuedSession<Immutable<T['data']>>> {
    assertTokenDeliverable(this.#exchange);
    const minted = await regenerateSession(this.#exchange.engine, await this.#present(), reauthenticated);
    if (minted) return this.#issue(minted);
    this.#known = Promise.resolve(expired);
    throw new SessionError('EXPIRED');
  }

  async destroy(): Promise<{ readonly cookieCleared: boolean }> {
    assertOwnSite(this.#exchange);
    const { engine } = this.#exchange;
    const known = (await this.#known?.catch(() => missing)) ?? missing;
    const at = await this.#place(known);
    const ended = at !== null && (await engine.ask('destroy', (store) => store.destroy(at)));
    if (ended) engine.emit({ type: 'destroyed', id: known.status === 'present' ? known.snapshot.id : null });
    return { cookieCleared: this.#forget() };
  }

  async list(): Promise<readonly SessionInfo[]> {
    const { at, snapshot } = await this.#present(this.#settled());
    return (await listSessions(this.#exchange.engine, at.key, snapshot.id)).toSorted(compareSessionInfo);
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
    const { at } = await this.#present();
    return revokeSessions(this.#exchange.engine, at.key, which);
  }

  /** What is known once every write that was asked for is done. A fresh look changes nothing for the rest of the request. */
  async #settled(fresh = false): Promise<SessionReading<T['data']>> {
    await this.#writes;
    return fresh ? readSession(this.#exchange, this.#issued) : this.#read();
  }

  #read(): Promise<SessionReading<T['data']>> {
    if (this.#known && this.#memory === 'request') return this.#known;
    this.#known = readSession(this.#exchange, this.#issued);
    return this.#known;
  }

  async #present(reading = this.#read()): Promise<LoadedSession<T['data']>> {
    const found = await reading;
    if (found.status === 'absent') throw new SessionError(found.code);
    return found;
  }

  async #place(known: SessionReading<T['data']>): Promise<Address | null> {
    const at = known.status === 'present' ? known.at : (this.#issued ?? (await locateSession(this.#exchange)));
    return isAbsent(at) ? null : at;
  }

  /** A tab that merely looks at pages keeps nothing alive. */
  #isRender(): boolean {
    return this.#exchange.sink.cookieObstacle() === 'render';
  }

  #touch(reading: LoadedSession<T['data']>): void {
    if (this.#touched && this.#memory === 'request') return;
    this.#touched = true;
    touchSessionIfDue(this.#exchange.engine, reading);
  }

  async #issue(minted: IssuedToken<T['data']>): Promise<IssuedSession<Immutable<T['data']>>> {
    this.#known = Promise.resolve(minted.reading);
    this.#issued = minted.reading.at;
    this.#touched = true;
    try {
      return { session: minted.reading.snapshot, token: await deliverToken(this.#exchange, minted) };
    } catch (error) {
      this.#known = Promise.resolve(expired);
      throw error;
    }
  }

  #forget(): boolean {
    const { carrier } = findCredential(this.#exchange);
    this.#known = Promise.resolve(missing);
    this.#exchange.sink.markPrivate();
    return carrier.clear(this.#exchange.sink);
  }
}
