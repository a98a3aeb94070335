import type { ClientCalls } from './client.ts';
import {
  applyAnswer,
  applyFailure,
  emptyFetchState,
  type FailedAnswer,
  type FetchState,
  type SessionAnswer,
  toFailedAnswer,
  toFetchState,
} from './fetch-state.ts';
import { getDeadline, getId, type KnownView } from './known-view.ts';
import { ObservableValue } from './observable-value.ts';
import { PendingChanges } from './pending-changes.ts';
import { isSignedOutError } from './refetch-error.ts';
import type { RefetchOptions } from './refetch-options.ts';
import { shareStructure } from './share-structure.ts';
import { isPromise, receiveWhenKnown, type SessionSource, toSettlingPromise } from './source.ts';
import { type SessionState, type SettledSession, toState } from './state.ts';
import { confirmingRequest, ownRequest, ViewRequests } from './view-requests.ts';

/** The provider's props without `session` and `channel`. */
export interface StoreOptions<View, Patch> extends RefetchOptions {
  readonly client: ClientCalls<View, Patch>;
  readonly onIdentityChange?: ((next: KnownView<View>) => void) | undefined;
  /** Makes the page render for the present user. */
  readonly discardPages: (hasFormerUser: boolean) => void;
}

/** What a store tells the scheduler of its provider, which exists only while the provider is mounted. */
export interface StoreObserver {
  /** Makes the other tabs refetch. */
  broadcast(): void;
  /** Called after each answer and each failure, also if no component renders because of it. */
  onAnswer(): void;
}

/**
 * The state of one provider: the newest view of the server, with the pending changes applied. The constructor has no
 * effects, so it may run while React renders.
 */
export class ViewStore<View, Patch> {
  /** The state that the server rendered. Hydration must start with it. */
  readonly getServerSnapshot: () => SessionState<View>;
  /** The provider's first `session`, for components that wait for it. */
  readonly source: SessionSource<View>;
  /** What components subscribe to. */
  readonly state: ObservableValue<SessionState<View>>;
  readonly pending: PendingChanges<View, Patch> = new PendingChanges();
  readonly requests: ViewRequests<View> = new ViewRequests(this);
  /** Those of the provider's last render. */
  options: StoreOptions<View, Patch>;
  /** The same object until an answer changes it. */
  fetchState: FetchState<View> = emptyFetchState;
  /** The scheduler of the provider, while that is mounted. */
  observer: StoreObserver | null = null;
  /** Whether the page may show a user who has signed out or whose session has expired. */
  #hasFormerUser = false;
  #firstAnswer: Promise<SessionAnswer<View> | null> | null = null;
  /** The server's clock minus the browser's, by the latest view. Null until the provider is mounted. */
  #clockOffsetMs: number | null = null;

  constructor(source: SessionSource<View>, options: StoreOptions<View, Patch>) {
    this.source = source;
    this.options = options;
    if (source && !isPromise(source)) this.fetchState = toFetchState(source);
    const initial = this.#toState(this.fetchState);
    this.getServerSnapshot = () => initial;
    this.state = new ObservableValue(initial);
  }

  /** Reads the session from the server. Never rejects. */
  readonly refetch = (): Promise<void> => this.requests.send(ownRequest);

  readonly getServerTime = (): number => Date.now() + (this.#clockOffsetMs ?? 0);

  /** Records a use of the session, and reads the new deadline in all tabs. Never rejects. */
  readonly touch = async (): Promise<void> => {
    try {
      await this.options.client.touch();
      this.broadcast();
      await this.refetch();
    } catch (error) {
      // A request of its own checks a refusal. Another error is shown and retried like that of a failed request.
      if (isSignedOutError(error)) await this.requests.send(confirmingRequest);
      else this.applyFailure(toFailedAnswer(error));
    }
  };

  /** Makes the other tabs refetch. */
  broadcast(): void {
    this.observer?.broadcast();
  }

  /** Resolves with the answer of the first `session`, or null after another one. It is the same promise every time. */
  waitForFirstAnswer(): Promise<SessionAnswer<View> | null> {
    this.#firstAnswer ??= this.#createFirstAnswer();
    return this.#firstAnswer;
  }

  #createFirstAnswer(): Promise<SessionAnswer<View> | null> {
    const answer = this.source && toSettlingPromise(this.source);
    // A promise that has settled already must not make components wait.
    if (answer && 'status' in answer) return answer;
    const change = this.state.waitForChange();
    return answer ? Promise.race([answer, change]) : change;
  }

  /** Returns the state for one answer alone. */
  toSettledState(answer: SessionAnswer<View>): SettledSession<View> {
    return this.#toState(toFetchState(answer)) as SettledSession<View>;
  }

  /** Continues from what the provider knew that this one replaces, so that another identity is noticed. */
  inherit(predecessor: ViewStore<View, Patch>): void {
    const { latest } = predecessor.fetchState;
    if (!latest || this.fetchState.latest) return;
    this.applyAnswer(latest, true);
    this.#clockOffsetMs = predecessor.#clockOffsetMs;
  }

  /** Receives the provider's `session`, by the same rules as a response. Without one, fetches the session once. */
  receive(source: SessionSource<View>): void {
    const { latest } = this.fetchState;
    // The first view was taken while React rendered, where the clock must not be read.
    if (latest) this.#clockOffsetMs ??= latest.at - Date.now();
    if (source) receiveWhenKnown(source, this.requests.start(ownRequest));
    else if (!this.requests.hasStarted()) void this.refetch();
  }

  applyAnswer(view: KnownView<View>, silent: boolean): void {
    const next = applyAnswer(this.fetchState, view);
    if (next.latest !== this.fetchState.latest) this.#clockOffsetMs = view.at - Date.now();
    if (this.#setFetchState(next) && !silent) this.broadcast();
  }

  /** Records that a request failed. The last known view stays. */
  applyFailure(answer: FailedAnswer): void {
    this.#setFetchState(applyFailure(this.fetchState, answer));
  }

  /** Shows that the user is signed out, although no answer says so yet. */
  signOutAt(at: number): void {
    this.#setFetchState({ ...this.fetchState, latest: { status: 'unauthenticated', at } });
  }

  /** Publishes the latest view with the pending changes. */
  publish(): void {
    this.state.set(shareStructure(this.state.getSnapshot(), this.#toState(this.fetchState)));
  }

  /** Returns whether the identity has changed. */
  #setFetchState(next: FetchState<View>): boolean {
    const { latest: previous } = this.fetchState;
    this.fetchState = next;
    const changesIdentity = previous !== null && getId(previous) !== getId(next.latest);
    if (changesIdentity && next.latest) this.#changeIdentity(previous, next.latest);
    this.publish();
    this.observer?.onAnswer();
    return changesIdentity;
  }

  /** Runs before components render, so that none of them shows data of the previous user. */
  #changeIdentity(previous: KnownView<View>, next: KnownView<View>): void {
    this.pending.clear();
    this.#hasFormerUser ||= getId(previous) !== null;
    try {
      this.options.onIdentityChange?.(next);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
    // After an expiry, what the user has typed stays until the next sign-in.
    if (getId(next) === null && next.at >= (getDeadline(previous) ?? Infinity)) return;
    this.options.discardPages(this.#hasFormerUser);
    this.#hasFormerUser = false;
  }

  #toState({ latest, failure }: FetchState<View>): SessionState<View> {
    const { refetch, touch, getServerTime } = this;
    return toState({
      latest: this.pending.applyTo(latest),
      error: failure?.error ?? null,
      refetch,
      touch,
      getServerTime,
    });
  }
}
