import { randomUUID } from 'node:crypto';
import { Cancellation, type RedisAdapter } from './redis-adapter.ts';
import { stripCommand } from './redis-calls.ts';
import { Lease } from './redis-lease.ts';
import { takeOwnReply } from './redis-replies.ts';
import { runScript } from './redis-run-script.ts';

const beatEveryMs = 200;
/** How long the connection may take to open, or return no beat, before it is opened again. */
const silentMs = 2_000;
const reopenAfterMs = 500;
/** How long after their last use the kept sessions are still watched. */
const idleAfterMs = 10_000;

export interface TrackingOptions {
  readonly adapter: Pick<RedisAdapter, 'send' | 'trackKeys'>;
  /** The start of the keys of sessions. */
  readonly prefix: string;
  /** Called with a key that has changed. */
  readonly onChange: (key: string) => void;
  /** Called when any key may have changed. */
  readonly onReset: () => void;
}

/**
 * A connection on which Redis reports every changed key, and the proof that it does.
 *
 * The proof is a beat: a key that the store's own connection writes every 200 ms, and that this connection must report.
 * When a beat comes back, every change that took effect before it was sent has been reported. This also holds after a
 * failover: if the two connections lead to different servers, no beat comes back. A PING would not notice that.
 */
export class RedisTracking {
  readonly #options: TrackingOptions;
  readonly #lease = new Lease();
  /** Sorts after the keys of sessions: Redis reports the changes of one moment in the order of the prefixes. */
  readonly #beatPrefix: string;
  #timer: NodeJS.Timeout | undefined;
  /** Aborting it closes the connection. */
  #connection: AbortController | undefined;
  #opening = Promise.resolve();
  readonly #proofListeners: (() => void)[] = [];
  #isOpen = false;
  #isClosed = false;
  #usedAt = Number.NEGATIVE_INFINITY;
  /** Since when the connection has been opening, or a beat has not come back. */
  #waitsSince: number | undefined;
  #reopenAt = 0;
  #beatSentAt: number | undefined;
  /** How far the clock of Redis is ahead of `performance.now()`. At most one round trip too far. */
  #clockAheadMs = Number.NaN;

  constructor(options: TrackingOptions) {
    this.#options = options;
    this.#beatPrefix = `${options.prefix}~${randomUUID()}:`;
  }

  /** Keeps the proof current for the next seconds. Opens the connection if needed. */
  use(): void {
    const now = performance.now();
    const isPaused = now - this.#usedAt > idleAfterMs;
    this.#usedAt = now;
    if ((this.#timer && !isPaused) || this.#isClosed) return;
    this.#timer ??= setInterval(this.#tick, beatEveryMs).unref();
    // At once, so that the sessions that are kept can soon be used again.
    this.#tick();
  }

  /** Whether every change has been reported that took effect before the lease began. */
  isCurrent(): boolean {
    return this.#lease.isValid();
  }

  /** Whether changes are reported from now on. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Returns the time by the clock of Redis, in milliseconds since the epoch. NaN until it is known. */
  getRedisTime(): number {
    return performance.now() + this.#clockAheadMs;
  }

  /** Resolves once changes are proven to be reported. Rejects if the connection cannot be opened. */
  async waitUntilCurrent(): Promise<void> {
    this.use();
    if (!this.#connection && !this.#isClosed) this.#open();
    await this.#opening;
    if (!this.isCurrent()) await new Promise<void>((resolve) => this.#proofListeners.push(resolve));
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    if (this.#connection) this.#drop(this.#connection);
  }

  readonly #tick = (): void => {
    const now = performance.now();
    if (now - this.#usedAt > idleAfterMs) {
      this.#waitsSince = undefined;
      return;
    }
    if (!this.#connection) {
      if (now >= this.#reopenAt) this.#open();
    } else if (this.#waitsSince !== undefined && now - this.#waitsSince > silentMs) this.#drop(this.#connection);
    else if (this.#isOpen) void this.#beat();
  };

  #open(): void {
    const connection = new AbortController();
    this.#connection = connection;
    this.#waitsSince = performance.now();
    const { adapter, prefix } = this.#options;
    const tracking = {
      prefixes: [`${prefix}{`, this.#beatPrefix],
      onChange: (keys: readonly string[] | null) => {
        if (this.#connection === connection) this.#report(keys);
      },
      onEnd: () => this.#drop(connection),
    };
    this.#opening = adapter.trackKeys(tracking, connection.signal).then(
      () => {
        if (this.#connection !== connection) throw new Error('The connection that reports changes has ended.');
        this.#isOpen = true;
        this.#options.onReset();
        this.#waitsSince = undefined;
        void this.#beat();
      },
      (error: unknown) => {
        this.#drop(connection);
        throw stripCommand(error);
      },
    );
    this.#opening.catch(() => {});
  }

  #drop(connection: AbortController): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#isOpen = false;
    this.#lease.end();
    this.#options.onReset();
    this.#reopenAt = performance.now() + reopenAfterMs;
    connection.abort();
  }

  #report(keys: readonly string[] | null): void {
    if (keys === null) this.#options.onReset();
    const isBeat = (key: string) => key.startsWith(this.#beatPrefix);
    for (const key of keys ?? []) if (!isBeat(key)) this.#options.onChange(key);
    // After the changes, which took effect before the beat.
    for (const key of keys ?? []) if (isBeat(key)) this.#receiveBeat(key.slice(this.#beatPrefix.length));
  }

  #receiveBeat(beat: string): void {
    this.#waitsSince = undefined;
    this.#lease.renew(beat);
    for (const notify of this.#proofListeners.splice(0)) notify();
  }

  /** Sent without deadline and circuit: those are about requests. A beat that fails proves nothing. */
  async #beat(): Promise<void> {
    const now = performance.now();
    if (this.#beatSentAt !== undefined && now - this.#beatSentAt < silentMs) return;
    this.#beatSentAt = now;
    this.#waitsSince ??= now;
    const key = `${this.#beatPrefix}${this.#lease.createBeat()}`;
    try {
      const reply = await runScript(this.#options.adapter, { name: 'beat', key, values: [key] }, new Cancellation());
      this.#clockAheadMs = Number(takeOwnReply(reply, key)[0]) - now;
    } catch {
      // While Redis refuses writes or does not respond, sessions are read from Redis.
      this.#waitsSince = undefined;
    }
    if (this.#beatSentAt === now) this.#beatSentAt = undefined;
  }
}
