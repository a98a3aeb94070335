import type { AnnouncementEventType, SessionAnnouncement } from '../core/session/announcement.ts';
import { createDeadlineWatch } from './deadline-watch.ts';
import { getId } from './known-view.ts';
import type { RefetchOptions } from './refetch-options.ts';
import { createTabChannel } from './tab-channel.ts';
import { Timer } from './timer.ts';
import { createUseWatch } from './use-watch.ts';
import { confirmingRequest, ownRequest, type RequestPurpose } from './view-requests.ts';
import type { ViewStore } from './view-store.ts';

/** Reasons for a refetch that arise within this time cause one refetch. */
const gatherMs = 50;
/** Focus causes a refetch at most this often, and so does a person who uses the page while requests fail. */
const presencePauseMs = 1_000;

const eventType: AnnouncementEventType = 'trpc-session';

/** The part of the Navigation API that is used here. TypeScript's own types of it are newer than the oldest supported release. */
interface NavigationWindow {
  readonly navigation?: EventTarget;
}

interface NavigationEvent extends Event {
  readonly navigationType?: string;
}

/** What needs a new start if it changes. */
interface SchedulerOptions extends Pick<RefetchOptions, 'refetchEvery'> {
  readonly channel: string;
}

/** Whether a request may succeed, and the page is visible. */
const canRefetch = (): boolean => navigator.onLine && !document.hidden;

/**
 * Decides when a store reads the session. It may be stopped and started again; it then refetches, since messages may have
 * been missed.
 */
export class RefetchScheduler<View, Patch> {
  readonly #store: ViewStore<View, Patch>;
  readonly #checkDeadline: () => void;
  readonly #callIfDue: (call: () => Promise<void>) => void;
  readonly #tabs = createTabChannel(() => this.#readSoon({ silent: true, confirmsSignOut: false }));
  readonly #deadlineTimer = new Timer();
  readonly #retryTimer = new Timer();
  readonly #soonTimer = new Timer();
  /** When focus or activity last caused a refetch. */
  #lastSeenAt = 0;
  #running: AbortController | null = null;
  #wasStopped = false;

  constructor(store: ViewStore<View, Patch>) {
    this.#store = store;
    this.#checkDeadline = createDeadlineWatch(store, this.#deadlineTimer);
    this.#callIfDue = createUseWatch(store);
  }

  start({ channel, refetchEvery }: SchedulerOptions): void {
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#tabs.open(channel);
    this.#store.observer = { broadcast: this.#tabs.broadcast, onAnswer: this.#onAnswer };
    const listen = (type: string, listener: (event: Event) => void, capture = false): void =>
      window.addEventListener(type, listener, { signal, capture, passive: true });
    for (const type of ['focus', 'visibilitychange']) listen(type, this.#onFocus);
    // Captured, because scrolling does not bubble. The focus of a field does not either, and must not count.
    for (const type of ['keydown', 'pointerdown', 'scroll']) listen(type, this.#onActivity, true);
    // Not every browser has this API.
    (window as NavigationWindow).navigation?.addEventListener('currententrychange', this.#onNavigation, { signal });
    listen('online', this.#onOnline);
    // A page with an open channel cannot enter the back/forward cache.
    listen('pagehide', this.#onPageHide);
    listen('pageshow', (event) => void this.#onPageShow(channel, (event as PageTransitionEvent).persisted));
    listen(eventType, (event) => this.#onAnnouncement((event as CustomEvent<SessionAnnouncement>).detail));
    this.#onAnswer();
    if (refetchEvery) {
      const interval = setInterval(() => canRefetch() && this.#store.refetch(), refetchEvery);
      signal.onabort = () => clearInterval(interval);
    }
    if (this.#wasStopped) void this.#store.refetch();
    this.#wasStopped = false;
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
    for (const timer of [this.#deadlineTimer, this.#retryTimer, this.#soonTimer]) timer.clear();
    this.#store.observer = null;
    this.#tabs.close();
    // StrictMode stops and starts synchronously: no message can have been missed in between.
    queueMicrotask(() => {
      this.#wasStopped = this.#running === null;
    });
  }

  readonly #onAnswer = (): void => {
    this.#checkDeadline();
    const { failureCount } = this.#store.fetchState;
    this.#retryTimer.clear();
    // An event ends the wait of a page that is hidden or offline. An answer that is too old to count does not end it.
    if (failureCount > 0 && canRefetch()) this.#retryTimer.set(getRetryDelay(failureCount), this.#store.refetch);
  };

  readonly #onFocus = (): void => this.#onPresence(this.#store.options.refetchOnFocus !== false);

  /** Another page without a full load may be rendered for another user than the header. A corrected address is no page. */
  readonly #onNavigation = (event: NavigationEvent): void => {
    if (event.navigationType === 'replace') return;
    this.#lastSeenAt = 0;
    this.#onFocus();
  };

  readonly #onActivity = (): void => {
    this.#onPresence(false);
    if (this.#store.options.keepAlive) this.#callIfDue(this.#store.touch);
  };

  /** Refetches because a person uses the page, if that is wanted or the last request failed. */
  #onPresence(isWanted: boolean): void {
    // Before anything else: after a sleep, the deadline may have passed.
    this.#checkDeadline();
    const now = Date.now();
    if (!isWanted && this.#store.fetchState.failureCount === 0) return;
    if (now - this.#lastSeenAt < presencePauseMs || !canRefetch()) return;
    this.#lastSeenAt = now;
    void this.#store.refetch();
  }

  readonly #onOnline = (): void => {
    if (this.#store.fetchState.failureCount > 0 || this.#store.options.refetchOnReconnect !== false)
      void this.#store.refetch();
  };

  /** Hides the page of a user before it may enter the back/forward cache, where another user may find it. */
  readonly #onPageHide = (): void => {
    this.#tabs.close();
    if (getId(this.#store.fetchState.latest) !== null) setPageOpacity('0');
  };

  /** Shows a restored page only after it was checked. If another user is signed in now, or none, it is loaded again. */
  async #onPageShow(channel: string, persisted: boolean): Promise<void> {
    this.#tabs.open(channel);
    if (!persisted) return;
    const id = getId(this.#store.fetchState.latest);
    this.#checkDeadline();
    await this.#store.refetch();
    if (id === getId(this.#store.fetchState.latest)) setPageOpacity('');
    else location.reload();
  }

  #onAnnouncement(announcement: SessionAnnouncement): void {
    if (announcement === 'changed') {
      this.#tabs.broadcast();
      this.#readSoon({ silent: true, confirmsSignOut: true });
    } else if (announcement === 'refused') {
      // The refusal was the first signed-out answer, so one fresh read decides.
      if (getId(this.#store.fetchState.latest) !== null) this.#readSoon(confirmingRequest);
    } else if (this.#store.fetchState.failureCount > 0) this.#readSoon(ownRequest);
    else this.#callIfDue(this.#store.refetch);
  }

  /** Reads the session soon. If several reasons arise at once, the last decides how the answer is treated. */
  #readSoon(purpose: RequestPurpose): void {
    this.#soonTimer.set(gatherMs, () => void this.#store.requests.send(purpose));
  }
}

/** Unlike visibility, it also covers elements with a style of their own. */
function setPageOpacity(opacity: '0' | ''): void {
  document.body.style.opacity = opacity;
}

/**
 * Returns the time from a failed request to the next one: about 1, 3 and then 9 seconds. The jitter spreads the requests of
 * all browsers, so that a server that is back is not flooded.
 */
function getRetryDelay(failureCount: number): number {
  return 3 ** Math.min(failureCount - 1, 2) * (800 + 400 * Math.random());
}
