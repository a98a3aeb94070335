import { type Knowledge, retryMs } from './knowledge.ts';
import { TabChannel } from './tab-channel.ts';

/** Attention that comes back sooner than this after the last look it caused causes none. */
const focusPauseMs = 5_000;
/** Messages that come together cause one look. */
const messagePauseMs = 50;
/** No clock, however wrong, may make us look more often than this. */
const shortestTimerMs = 1_000;
/** Browsers fire a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1;

/** What a watch needs of the store. */
export interface RefetchTarget {
  readonly knowledge: Knowledge<unknown>;
  readonly subscribe: (listener: () => void) => () => void;
  readonly refetch: () => Promise<void>;
  readonly refetchQuietly: () => Promise<void>;
  setBroadcast(tell: () => void): void;
}

/**
 * Makes a store look when it should: when a clock runs out, when the window gets attention or the network comes back,
 * and when another tab says so. May be stopped and started again; having been away, it looks.
 */
export class RefetchScheduler {
  readonly #store: RefetchTarget;
  readonly #tabs = new TabChannel(() => this.#followSoon());
  #seen: Knowledge<unknown> | null = null;
  #dueAt: number | null = null;
  #attentionAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | null = null;
  #away = false;

  constructor(store: RefetchTarget) {
    this.#store = store;
  }

  start(channel: string): void {
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#tabs.open(channel);
    this.#store.setBroadcast(this.#tabs.broadcast);
    window.addEventListener('focus', this.#onAttention, { signal });
    document.addEventListener('visibilitychange', this.#onAttention, { signal });
    window.addEventListener('online', () => void this.#store.refetch(), { signal });
    // A page with an open channel cannot be kept for the back button.
    window.addEventListener('pagehide', () => this.#tabs.close(), { signal });
    window.addEventListener('pageshow', ({ persisted }) => this.#onShow(channel, persisted), { signal });
    signal.addEventListener('abort', this.#store.subscribe(this.#onLearnt));
    this.#onLearnt();
    this.#arm();
    if (this.#away) void this.#store.refetch();
    this.#away = false;
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
    clearTimeout(this.#timer);
    clearTimeout(this.#told);
    this.#tabs.close();
    // StrictMode stops and starts in one go, which is not an absence.
    queueMicrotask(() => {
      this.#away = this.#running === null;
    });
  }

  readonly #onLearnt = (): void => {
    const { knowledge } = this.#store;
    if (knowledge === this.#seen) return;
    this.#seen = knowledge;
    this.#dueAt = knowledge.refetchInMs === null ? null : Date.now() + knowledge.refetchInMs;
    this.#arm();
  };

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#dueAt === null) return;
    const waitMs = Math.min(Math.max(this.#dueAt - Date.now(), shortestTimerMs), longestTimerMs);
    this.#timer = setTimeout(this.#onDue, waitMs);
  }

  /** Should the look teach nothing, there is another. */
  readonly #onDue = (): void => {
    this.#dueAt = Date.now() + retryMs;
    this.#arm();
    void this.#store.refetch();
  };

  readonly #onAttention = (): void => {
    const now = Date.now();
    if (document.visibilityState === 'hidden' || now - this.#attentionAt < focusPauseMs) return;
    this.#attentionAt = now;
    void this.#store.refetch();
  };

  #onShow(channel: string, persisted: boolean): void {
    this.#tabs.open(channel);
    if (persisted) void this.#store.refetch();
  }

  #followSoon(): void {
    clearTimeout(this.#told);
    this.#told = setTimeout(() => void this.#store.refetchQuietly(), messagePauseMs);
  }
}
