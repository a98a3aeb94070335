import { createHash } from 'node:crypto';
import type {
  Address,
  RegenerateCommand,
  RegenerateResult,
  ReplaceCommand,
  ReplaceResult,
  SessionStore,
  StartCommand,
  StartResult,
  StoredSession,
} from '../core/ports/store.ts';
import { createNonce, createRandomSlot } from '../core/record/token.ts';
import { expectTrue } from './expect.ts';
import type { StoreAbilities, StoreAbility, StoreHarness } from './store-harness.ts';

/** What a case works with: a store, a key of its own, and sessions that go by short names. */
export class Bench {
  readonly store: SessionStore;
  readonly key: string = `contract:{${createRandomSlot()}}`;
  readonly tickMs: number;
  /** Terms of a session that outlives every case. */
  readonly long: { readonly idleMs: number; readonly lifetimeMs: number };
  /** Terms of a session that is dead after `pass(5)`. */
  readonly short: { readonly idleMs: number; readonly lifetimeMs: number };
  readonly #harness: StoreHarness;
  readonly #names = new Map<string, string>();

  constructor(harness: StoreHarness, store: SessionStore) {
    this.store = store;
    this.#harness = harness;
    this.tickMs = harness.tickMs ?? 1_000;
    this.long = { idleMs: 1_000 * this.tickMs, lifetimeMs: 2_000 * this.tickMs };
    this.short = { idleMs: 3 * this.tickMs, lifetimeMs: 1_000 * this.tickMs };
  }

  /** Lets that many ticks pass. */
  async pass(ticks: number): Promise<void> {
    await this.#harness.clock.advance(Math.ceil(ticks * this.tickMs));
  }

  ability<Ability extends StoreAbility>(name: Ability): StoreAbilities[Ability] {
    const ability = this.#harness.abilities?.[name];
    if (typeof ability === 'function') return ability as StoreAbilities[Ability];
    throw new Error(`This case needs '${name}': ask reasonToSkip before running it.`);
  }

  /** Where the session of this name lives: a hash shaped like a real one. */
  at(name: string, key = this.key): Address {
    return { key, hash: createHash('sha256').update(`${key} ${name}`).digest('base64url') };
  }

  id(name: string): string {
    const id = this.at(name).hash.slice(0, 22);
    this.#names.set(id, name);
    return id;
  }

  startCommand(name: string, terms: Partial<StartCommand> = {}): StartCommand {
    const limit = { max: 1_000, whenFull: 'refuse' } as const;
    const id = this.id(name);
    return { ...this.at(name), nonce: createNonce(), id, body: `body of ${name}`, ...this.long, limit, ...terms };
  }

  replaceCommand(name: string, revision: number, body = `body of ${name} after ${revision}`): ReplaceCommand {
    return { ...this.at(name), nonce: createNonce(), revision, body };
  }

  regenerateCommand(name: string, newName: string, renewMs?: number): RegenerateCommand {
    const command = { ...this.at(name), nonce: createNonce(), newHash: this.at(newName).hash };
    return renewMs === undefined ? command : { ...command, renewMs };
  }

  /** Starts a session that nothing stands in the way of. */
  async start(name: string, terms?: Partial<StartCommand>): Promise<StoredSession> {
    return expectDone(await this.store.start(this.startCommand(name, terms)), `starting ${name}`);
  }

  async replace(name: string, revision: number, body?: string): Promise<StoredSession> {
    return expectDone(await this.store.replace(this.replaceCommand(name, revision, body)), `replacing ${name}`);
  }

  async regenerate(name: string, newName: string, renewMs?: number): Promise<StoredSession> {
    const result = await this.store.regenerate(this.regenerateCommand(name, newName, renewMs));
    return expectDone(result, `regenerating ${name}`);
  }

  /** The session of this name as the store keeps it. */
  async read(name: string): Promise<StoredSession> {
    const found = await this.store.read(this.at(name));
    expectTrue(found !== null && found !== 'unreadable', `reading ${name} finds ${found}`);
    return found;
  }

  /** The names of the live sessions in the order listed. */
  async living(key = this.key): Promise<readonly string[]> {
    const listed = await this.store.list(key);
    return listed.map(({ id }) => this.#names.get(id) ?? id);
  }
}

/** The session of a write that must have been done. */
export function expectDone(result: StartResult | ReplaceResult | RegenerateResult, what: string): StoredSession {
  expectTrue(result.status === 'done', `${what}: expected 'done', found '${result.status}'`);
  return result.session;
}

/** That many calls at once. */
export function runAtOnce<Answer>(count: number, call: (index: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)));
}

/** How many answers had each status. */
export function countStatuses(results: readonly { readonly status: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
