import { type FetchState, retryMs } from './fetch-state.ts';
import { TabChannel } from './tab-channel.ts';

/** Focus that returns sooner than this after the last refetch it caused is ignored. */
const focusPauseMs = 5_000;
/** Messages of other tabs within this time cause one refetch. */
const messagePauseMs = 50;
/** Bounds the refetches of a session whose expiry lies in the past, for example because of a wrong server clock. */
const shortestTimerMs = 1_000;
/** Browsers run a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The part of the store that the scheduler uses. */
export interface RefetchTarget {
  readonly fetchState: FetchState<unknown>;
  readonly subscribe: (listener: () => void) => () => void;
  readonly refetch: () => Promise<void>;
  readonly refetchSilently: () => Promise<void>;
  setBroadcast(broadcast: () => void): void;
}

/**
 * Makes a store refetch when the session expires, when the window gets focus or the network returns, and when another tab
 * sends a message. It may be stopped and started again; it then refetches, since messages may have been missed.
 */
export class RefetchScheduler {
  readonly #store: RefetchTarget;
  readonly #tabs = new TabChannel(() => this.#refetchSoon());
  /** The state that the timer was set for. */
  #scheduledState: FetchState<unknown> | null = null;
  #dueAt: number | null = null;
  #lastFocusAt = -Infinity;
  #dueTimer: ReturnType<typeof setTimeout> | undefined;
  #messageTimer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | null = null;
  #wasStopped = false;

  constructor(store: RefetchTarget) {
    this.#store = store;
  }

  start(channel: string): void {
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#tabs.open(channel);
    this.#store.setBroadcast(this.#tabs.broadcast);
    window.addEventListener('focus', this.#onFocus, { signal });
    document.addEventListener('visibilitychange', this.#onFocus, { signal });
    window.addEventListener('online', () => void this.#store.refetch(), { signal });
    // A page with an open channel cannot enter the back/forward cache.
    window.addEventListener('pagehide', () => this.#tabs.close(), { signal });
    window.addEventListener('pageshow', ({ persisted }) => this.#onPageShow(channel, persisted), { signal });
    signal.addEventListener('abort', this.#store.subscribe(this.#onStoreChange));
    this.#onStoreChange();
    this.#startTimer();
    if (this.#wasStopped) void this.#store.refetch();
    this.#wasStopped = false;
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
    clearTimeout(this.#dueTimer);
    clearTimeout(this.#messageTimer);
    this.#tabs.close();
    // StrictMode stops and starts synchronously: no message can have been missed in between.
    queueMicrotask(() => {
      this.#wasStopped = this.#running === null;
    });
  }

  readonly #onStoreChange = (): void => {
    const { fetchState } = this.#store;
    if (fetchState === this.#scheduledState) return;
    this.#scheduledState = fetchState;
    this.#dueAt = fetchState.refetchInMs === null ? null : Date.now() + fetchState.refetchInMs;
    this.#startTimer();
  };

  #startTimer(): void {
    clearTimeout(this.#dueTimer);
    if (this.#dueAt === null) return;
    const waitMs = Math.min(Math.max(this.#dueAt - Date.now(), shortestTimerMs), longestTimerMs);
    this.#dueTimer = setTimeout(this.#onDue, waitMs);
  }

  /** Schedules the next try first, in case this refetch changes nothing. */
  readonly #onDue = (): void => {
    this.#dueAt = Date.now() + retryMs;
    this.#startTimer();
    void this.#store.refetch();
  };

  readonly #onFocus = (): void => {
    const now = Date.now();
    if (document.visibilityState === 'hidden' || now - this.#lastFocusAt < focusPauseMs) return;
    this.#lastFocusAt = now;
    void this.#store.refetch();
  };

  #onPageShow(channel: string, persisted: boolean): void {
    this.#tabs.open(channel);
    if (persisted) void this.#store.refetch();
  }

  #refetchSoon(): void {
    clearTimeout(this.#messageTimer);
    this.#messageTimer = setTimeout(() => void this.#store.refetchSilently(), messagePauseMs);
  }
}
