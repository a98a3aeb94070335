import { createHash } from 'node:crypto';
import type { SessionEnding } from '../core/errors.ts';
import type { RegenerateResult, ReplaceResult, SessionStore, StartResult } from '../core/ports/store.ts';
import type { RegenerateCommand, ReplaceCommand, StartCommand } from '../core/ports/store-commands.ts';
import { isStoredSession } from '../core/ports/store-read.ts';
import type { Address, SessionHeader, StoredSession } from '../core/ports/stored-session.ts';
import { createNonce, createRandomSlot } from '../core/record/token.ts';
import { expectEqual, expectTrue } from './expect.ts';
import type { StoreAbilities, StoreAbility, StoreHarness } from './store-harness.ts';

/** What a case works with: a store, a key of its own, and sessions that are referred to by short names. */
export class StoreFixture {
  readonly store: SessionStore;
  readonly key: string = `contract:{${createRandomSlot()}}`;
  readonly otherKey: string = `${this.key}2`;
  readonly tickMs: number;
  /** Lifetimes of a session that outlives every case. */
  readonly longLived: { readonly idleMs: number; readonly lifetimeMs: number };
  /** Lifetimes of a session that has expired after `advance(5)`. */
  readonly shortLived: { readonly idleMs: number; readonly lifetimeMs: number };
  readonly #harness: StoreHarness;
  readonly #names = new Map<string, string>();

  constructor(harness: StoreHarness, store: SessionStore) {
    this.store = store;
    this.#harness = harness;
    this.tickMs = harness.tickMs ?? 1_000;
    this.longLived = { idleMs: 1_000 * this.tickMs, lifetimeMs: 2_000 * this.tickMs };
    this.shortLived = { idleMs: 3 * this.tickMs, lifetimeMs: 1_000 * this.tickMs };
  }

  /** Lets a number of ticks pass on the store's clock. */
  async advance(ticks: number): Promise<void> {
    await this.#harness.clock.advance(Math.ceil(ticks * this.tickMs));
  }

  getAbility<Ability extends StoreAbility>(name: Ability): StoreAbilities[Ability] {
    const ability = this.#harness.abilities?.[name];
    if (typeof ability === 'function') return ability as StoreAbilities[Ability];
    throw new Error(`This case needs '${name}'. Skip it when getSkipReason(storeCase, harness) returns a reason.`);
  }

  /** The address of the session with this name. Its hash has the length of a real one. */
  toAddress(name: string, key = this.key): Address {
    return { key, hash: createHash('sha256').update(`${key} ${name}`).digest('base64url').slice(0, 22) };
  }

  toId(name: string): string {
    const id = this.toAddress(`id of ${name}`).hash;
    this.#names.set(id, name);
    return id;
  }

  buildStart(name: string, overrides: Partial<StartCommand> = {}): StartCommand {
    const limit = { max: 1_000, whenFull: 'refuse' } as const;
    const session = { id: this.toId(name), summary: `summary of ${name}`, body: `body of ${name}`, ...this.longLived };
    return { ...this.toAddress(name), nonce: createNonce(), ...session, limit, ...overrides };
  }

  buildReplace(name: string, revision: number, body = `body of ${name} after ${revision}`): ReplaceCommand {
    return { ...this.toAddress(name), nonce: createNonce(), revision, body };
  }

  buildRegenerate(name: string, newName: string, renewMs?: number): RegenerateCommand {
    const command = { ...this.toAddress(name), nonce: createNonce(), newHash: this.toAddress(newName).hash };
    return renewMs === undefined ? command : { ...command, renewMs };
  }

  /** Starts a session. Throws unless that is done. */
  async start(name: string, overrides?: Partial<StartCommand>): Promise<StoredSession> {
    return expectDone(await this.store.start(this.buildStart(name, overrides)), `starting ${name}`);
  }

  /** Replaces a body. Throws unless that is done. */
  async replace(name: string, revision: number, body?: string): Promise<StoredSession> {
    return expectDone(await this.store.replace(this.buildReplace(name, revision, body)), `replacing ${name}`);
  }

  /** Moves a session to the hash of another name. Throws unless that is done. */
  async regenerate(name: string, newName: string, renewMs?: number): Promise<StoredSession> {
    const result = await this.store.regenerate(this.buildRegenerate(name, newName, renewMs));
    return expectDone(result, `regenerating ${name}`);
  }

  /** Reads a session. Throws unless it is found. */
  async read(name: string): Promise<StoredSession> {
    const found = await this.store.read(this.toAddress(name));
    expectTrue(isStoredSession(found), `reading ${name}: expected a session, found ${JSON.stringify(found)}`);
    return found;
  }

  /** The headers of the live sessions, without the hashes. */
  async listHeaders(): Promise<readonly SessionHeader[]> {
    const sessions = await this.store.list(this.key);
    return sessions.map(({ hash: _, ...header }) => header);
  }

  /** Checks that there is no session any more, and that the store says why. */
  async expectEnded(name: string, ended: SessionEnding): Promise<void> {
    expectEqual(await this.store.read(this.toAddress(name)), { ended }, `reading ${name}, which has ended`);
  }

  /** The names of the live sessions, in the order in which the store lists them. */
  async listNames(key = this.key): Promise<readonly string[]> {
    const sessions = await this.store.list(key);
    return sessions.map(({ id }) => this.#names.get(id) ?? id);
  }
}

/** Returns what is listed of a session, except its hash. */
export function toHeader({ body: _, ...header }: StoredSession): SessionHeader {
  return header;
}

/** Returns the session of a write that must have been done. */
export function expectDone(result: StartResult | ReplaceResult | RegenerateResult, what: string): StoredSession {
  expectTrue(result.status === 'done', `${what}: expected 'done', found '${result.status}'`);
  return result.session;
}

/** Makes a number of calls at once. */
export function runAtOnce<Result>(count: number, call: (index: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)));
}

/** Counts how many results have each status. */
export function countStatuses(results: readonly { readonly status: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
