import type { SessionTypes } from '../options.ts';
import type { Address } from '../ports/stored-session.ts';
import { runVerifiers, type Verifier } from '../ports/verifier.ts';
import { isPassive, needsFreshRead } from '../ports/verifier-marks.ts';
import { resolveOwnLifetimes } from '../record/expiry.ts';
import type { Immutable, SessionSnapshot } from '../record/snapshot.ts';
import { assertOwnSite, createRefusal, type Exchange, emitRejection } from '../request/exchange.ts';
import { assertTokenDeliverable, clearToken, deliverToken } from './deliver-token.ts';
import { toGuardedSession } from './guarded-session.ts';
import { type IssuedToken, regenerateSession, startSession } from './issue-session.ts';
import { compareSessionInfo, destroySessions, listSessions, revokeSessions } from './list-sessions.ts';
import { expired, hasUsableToken, locateSessions, missing } from './locate-session.ts';
import { isPassiveExchange, isTouchDue, type LoadedSession, readSession, type SessionReading } from './read-session.ts';
import type { GetOptions, GuardedSession, IssuedSession, OpenOptions, Session } from './session.ts';
import { updateSession } from './update-session.ts';
import { toView } from './view.ts';
import { watchSession } from './watch-session.ts';

/**
 * The state of one request: what was read, and its pending writes. The methods of `Session` are properties, so that they
 * can be destructured, and spread into a guarded session.
 */
export class SessionHandle<T extends SessionTypes> implements Session<T> {
  readonly #exchange: Exchange<T>;
  readonly #isCached: boolean;
  #reading: Promise<SessionReading<T['data']>> | null = null;
  /** What was read without `fresh`: it may come from the store's near cache. */
  #nearReading: Promise<SessionReading<T['data']>> | null = null;
  #pendingWrites: Promise<unknown> | null = null;
  /** Where the token points that this handle issued: the request itself still carries an older one, or none. */
  #issued: Address | null = null;
  #isTouched = false;

  constructor(exchange: Exchange<T>, { cache = 'request' }: OpenOptions) {
    this.#exchange = exchange;
    this.#isCached = cache === 'request';
  }

  readonly get: Session<T>['get'] = async ({ passive, fresh = false }: GetOptions = {}) => {
    // A fresh read does not change what the rest of the request reads.
    const reading = await this.#readAfterWrites(() =>
      fresh ? readSession(this.#exchange, this.#issued, true) : this.#read(),
    );
    if (reading.status === 'absent') return null;
    this.#touchIfDue(reading, () => passive ?? isPassiveExchange(this.#exchange));
    return reading.snapshot;
  };

  readonly view: Session<T>['view'] = async () => {
    const { engine } = this.#exchange;
    return toView<T>(engine.view, await this.#readAfterWrites(), engine.now());
  };

  readonly watch: Session<T>['watch'] = (onEnd) =>
    watchSession(this.#exchange, { issued: this.#issued, session: this, onEnd });

  readonly hasToken: Session<T>['hasToken'] = () => hasUsableToken(this.#exchange);

  readonly require: Session<T>['require'] = async (...verifiers) => {
    const snapshot = await this.#guard(verifiers as readonly Verifier<never>[]);
    return toGuardedSession(this, snapshot) as GuardedSession<T, never>;
  };

  readonly start: Session<T>['start'] = (start, options = {}) =>
    this.#writeInOrder(async () => {
      await assertTokenDeliverable(this.#exchange, options.origins);
      const lifetimes = resolveOwnLifetimes(this.#exchange.engine.lifetimes, options);
      // Without a function, the data of the replaced session is not needed, so its read may have failed.
      const reading = typeof start === 'function' ? await this.#read() : await this.#findReading();
      // Also if no session was found: a slow request may be moving it to a token that this request does not know.
      const previous = {
        at: await locateSessions(this.#exchange, 'at' in reading ? reading.at : this.#issued),
        reading,
      };
      const plan = { ...lifetimes, remember: options.remember ?? true, start };
      return this.#deliver(await startSession(this.#exchange, previous, plan));
    });

  readonly update: Session<T>['update'] = (change) =>
    this.#writeInOrder(async () => {
      assertOwnSite(this.#exchange);
      const reading = await updateSession(this.#exchange, await this.#requirePresent(), change);
      this.#reading = Promise.resolve(reading);
      if (reading.status === 'absent') throw createRefusal(this.#exchange, reading);
      return reading.snapshot;
    });

  readonly regenerate: Session<T>['regenerate'] = ({ reauthenticated = false } = {}) =>
    this.#writeInOrder(async () => {
      await assertTokenDeliverable(this.#exchange);
      const issued = await regenerateSession(this.#exchange, await this.#requirePresent(), reauthenticated);
      if (issued) return this.#deliver(issued);
      this.#reading = Promise.resolve(expired);
      throw createRefusal(this.#exchange, expired);
    });

  readonly destroy: Session<T>['destroy'] = () =>
    this.#writeInOrder(async () => {
      assertOwnSite(this.#exchange);
      const { engine } = this.#exchange;
      const reading = await this.#findReading();
      const at = await locateSessions(this.#exchange, 'at' in reading ? reading.at : this.#issued);
      await destroySessions(engine, at, reading.status === 'present' ? reading.snapshot.id : null);
      return { cookieCleared: await this.#clearToken() };
    });

  readonly list: Session<T>['list'] = async () => {
    const { at, snapshot } = await this.#requirePresent(this.#readAfterWrites());
    return (await listSessions(this.#exchange.engine, at.key, snapshot.id)).toSorted(compareSessionInfo);
  };

  readonly revoke: Session<T>['revoke'] = (id) =>
    this.#writeInOrder(async () => {
      const { at, snapshot } = await this.#requirePresent();
      assertOwnSite(this.#exchange);
      // By its id, even if it is this session: a concurrent regenerate may have moved it to another token.
      const count = await revokeSessions(this.#exchange.engine, at.key, { id });
      if (id === snapshot.id) await this.#clearToken();
      return count > 0;
    });

  readonly revokeOthers: Session<T>['revokeOthers'] = () =>
    this.#writeInOrder(async () => {
      const { at, snapshot } = await this.#requirePresent();
      assertOwnSite(this.#exchange);
      return revokeSessions(this.#exchange.engine, at.key, { except: snapshot.id });
    });

  async #guard(verifiers: readonly Verifier<never>[]): Promise<SessionSnapshot<Immutable<T['data']>>> {
    const { engine } = this.#exchange;
    assertOwnSite(this.#exchange);
    try {
      const isStepUp = engine.store.maxStaleMs !== undefined && verifiers.some(needsFreshRead);
      const loaded = await this.#requirePresent(this.#readAfterWrites(() => this.#read(isStepUp)));
      this.#touchIfDue(loaded, () => verifiers.some(isPassive) || isPassiveExchange(this.#exchange));
      await runVerifiers(verifiers, { session: loaded.snapshot, now: engine.now() });
      return loaded.snapshot;
    } catch (error) {
      emitRejection(this.#exchange, error);
      throw error;
    }
  }

  /** Runs a write after the writes that were called before it. */
  #writeInOrder<Result>(write: () => Promise<Result>): Promise<Result> {
    const result = this.#pendingWrites ? this.#pendingWrites.then(write) : write();
    this.#pendingWrites = result.catch(() => {});
    return result;
  }

  #readAfterWrites(read = () => this.#read()): Promise<SessionReading<T['data']>> {
    return this.#pendingWrites ? this.#pendingWrites.then(read) : read();
  }

  #read(fresh = false): Promise<SessionReading<T['data']>> {
    const isReusable = this.#isCached && !(fresh && this.#reading === this.#nearReading);
    if (this.#reading && isReusable) return this.#reading;
    this.#reading = readSession(this.#exchange, this.#issued, fresh);
    if (!fresh) this.#nearReading = this.#reading;
    return this.#reading;
  }

  /** Returns what this request has read, if it has. */
  async #findReading(): Promise<SessionReading<T['data']>> {
    return (await this.#reading?.catch(() => missing)) ?? missing;
  }

  async #requirePresent(reading = this.#read()): Promise<LoadedSession<T['data']>> {
    const found = await reading;
    if (found.status === 'absent') throw createRefusal(this.#exchange, found);
    return found;
  }

  /** Records that the session was used. It is not awaited, so that a guard does not pay for it. */
  #touchIfDue({ at, snapshot }: LoadedSession<T['data']>, isPassiveUse: () => boolean): void {
    const { engine } = this.#exchange;
    if ((this.#isTouched && this.#isCached) || !isTouchDue(engine, snapshot)) return;
    if (isPassiveUse()) return;
    this.#isTouched = true;
    engine.store.touch(at).catch(() => {});
  }

  async #deliver(issued: IssuedToken<T['data']>): Promise<IssuedSession<Immutable<T['data']>>> {
    this.#reading = Promise.resolve(issued.loaded);
    this.#issued = issued.loaded.at;
    this.#isTouched = true;
    try {
      return { session: issued.loaded.snapshot, token: await deliverToken(this.#exchange, issued) };
    } catch (error) {
      this.#reading = Promise.resolve(expired);
      throw error;
    }
  }

  async #clearToken(): Promise<boolean> {
    this.#reading = Promise.resolve(missing);
    return clearToken(this.#exchange);
  }
}
