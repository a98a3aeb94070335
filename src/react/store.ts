import type { AuthenticatedView, SessionView } from '../core/view.ts';
import { type SessionActions, saysSignedOut } from './client.ts';
import { idOf, isNewer, type Known } from './ordering.ts';
import { type Change, type Pending, patchOf, replay } from './pending.ts';
import { isPromise, nobodyCanSay, peek, type SessionSource } from './source.ts';
import { type SessionState, type SettledSession, stateOf, steady, type Trouble } from './state.ts';

/** How long after a failed look the next one is due. */
export const retryMs = 30_000;

/** What the provider's props tie a store to. */
export interface Bindings<View, Patch> {
  readonly client: SessionActions<View, Patch>;
  readonly onIdentityChange?: ((next: Known<View>) => void) | undefined;
}

/** Why one asks, and when. */
interface Question {
  /** Asked because another tab said so: telling the tabs again would echo for ever. */
  readonly quiet: boolean;
  /** Asked after an answer of "nobody" arrived: a second one is believed. */
  readonly confirms: boolean;
}

interface Missed {
  readonly status: 'unavailable';
  readonly at: number | null;
  readonly error?: unknown;
}

/**
 * What one provider knows: the newest confirmed answer, and the changes on their way, replayed over it. Starts nothing
 * by itself, so that it may be made while rendering.
 */
export class ViewStore<View, Patch> {
  /** What the server rendered, and so what hydration must begin with. */
  readonly initial: SessionState<View>;
  #bindings: Bindings<View, Patch>;
  #known: Known<View> | null = null;
  #trouble: Trouble | null = null;
  #pending: readonly Pending<View, Patch>[] = [];
  #state: SessionState<View>;
  #lookDueAt: number | null = null;
  #asked = 0;
  #answered = 0;
  /** Questions up to this one were asked before our own last change was settled. */
  #overtaken = 0;
  #sending: Promise<unknown> = Promise.resolve();
  #settled: Promise<void> | null = null;
  #announce: () => void = () => {};
  readonly #listeners = new Set<() => void>();

  constructor(source: SessionSource<View>, bindings: Bindings<View, Patch>) {
    this.#bindings = bindings;
    const view = isPromise(source) ? undefined : source;
    if (view?.status === 'unavailable') this.#fail(view);
    else if (view) this.#learn(view);
    this.initial = this.#state = this.#project();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): SessionState<View> => this.#state;

  readonly readInitial = (): SessionState<View> => this.initial;

  /** Asks the server, because of something that happened here. Never rejects. */
  readonly look = (): Promise<void> => this.#ask({ quiet: false, confirms: false });

  /** Asks the server because another tab said so. Never rejects. */
  readonly follow = (): Promise<void> => this.#ask({ quiet: true, confirms: false });

  /** When to look next, by the local clock; null when time alone changes nothing. */
  get lookDueAt(): number | null {
    return this.#lookDueAt;
  }

  bind(bindings: Bindings<View, Patch>): void {
    this.#bindings = bindings;
  }

  /** Names who tells the other tabs. */
  tellTabs(announce: () => void): void {
    this.#announce = announce;
  }

  /** Resolves as soon as anything is known. */
  settled(): Promise<void> {
    this.#settled ??= new Promise((resolve) => {
      const stop = this.subscribe(() => {
        if (this.#state.status === 'loading') return;
        stop();
        resolve();
      });
    });
    return this.#settled;
  }

  /** What a component sees of one answer by itself. */
  stateOf(view: SessionView<View>): SettledSession<View> {
    const [known, trouble] = view.status === 'unavailable' ? [null, { at: view.at, error: null }] : [view, null];
    const data = known?.status === 'authenticated' ? known.data : null;
    return stateOf({ known, data, trouble, refresh: this.look }) as SettledSession<View>;
  }

  /** Takes in what the provider was given, by the same rules as every other answer. */
  offer(source: SessionSource<View>): void {
    if (source === undefined) {
      if (this.#asked === 0 && !this.#known) void this.look();
      return;
    }
    const hear = this.#listen({ quiet: false, confirms: false });
    if (!isPromise(source)) return void hear(source);
    const view = peek(source);
    if (view) return void hear(view);
    // Not awaited: React's own promises may call back at once, which saves a paint.
    source.then(hear, (error) => hear({ ...nobodyCanSay, at: null, error }));
  }

  /** Shows a change at once and sends it after those before it. Rejects with the original error, and rolls back. */
  async change(change: Change<View, Patch>): Promise<View> {
    patchOf(change, this.#state.data);
    const pending = { change };
    this.#pending = [...this.#pending, pending];
    this.#publish();
    const sent = this.#sending.then(() => this.#send(pending));
    this.#sending = sent.catch(() => {});
    return sent;
  }
}
