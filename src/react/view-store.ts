import { isSignedOutError, type SessionActions } from './client.ts';
import {
  applyAnswer,
  applyFailure,
  emptyFetchState,
  type FailedAnswer,
  type FetchState,
  type SessionAnswer,
  toFetchState,
} from './fetch-state.ts';
import { getData, getId, type KnownView } from './known-view.ts';
import { ObservableValue } from './observable-value.ts';
import { type PendingChange, PendingChanges, toPatch, type ViewChange } from './pending-changes.ts';
import { isPromise, receiveWhenKnown, type SessionSource } from './source.ts';
import { keepReferences, type SessionState, type SettledSession, toState } from './state.ts';
import { type RequestPurpose, ViewRequests } from './view-requests.ts';

/** What a store uses of the provider's props. */
export interface StoreBindings<View, Patch> {
  readonly client: SessionActions<View, Patch>;
  readonly onIdentityChange?: ((next: KnownView<View>) => void) | undefined;
}

const ownRequest: RequestPurpose = { silent: false, confirmsSignOut: false };

/**
 * The state of one provider: the newest view of the server, with the pending changes applied. The constructor has no
 * effects, so it may run while React renders.
 */
export class ViewStore<View, Patch> {
  /** The state that the server rendered. Hydration must start with it. */
  readonly getServerSnapshot: () => SessionState<View>;
  readonly #state: ObservableValue<SessionState<View>>;
  readonly #pending = new PendingChanges<View, Patch>();
  readonly #requests = new ViewRequests<View>({
    fetch: () => this.#bindings.client.get(),
    getLatest: () => this.#fetchState.latest,
    applyAnswer: (view, silent) => this.#applyAnswer(view, silent),
    applyFailure: (answer) => this.#applyFailure(answer),
  });
  #bindings: StoreBindings<View, Patch>;
  #fetchState: FetchState<View> = emptyFetchState;
  #firstAnswer: Promise<null> | null = null;
  #broadcast: () => void = () => {};

  constructor(source: SessionSource<View>, bindings: StoreBindings<View, Patch>) {
    this.#bindings = bindings;
    if (source && !isPromise(source)) this.#fetchState = toFetchState(source);
    const initial = this.#toState(this.#fetchState);
    this.getServerSnapshot = () => initial;
    this.#state = new ObservableValue(initial);
  }

  readonly getSnapshot = (): SessionState<View> => this.#state.getSnapshot();

  readonly subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  /** Reads the session from the server. Never rejects. */
  readonly refetch = (): Promise<void> => this.#requests.send(ownRequest);

  /** Reads the session because another tab asked for it, and broadcasts nothing. Never rejects. */
  readonly refetchSilently = (): Promise<void> => this.#requests.send({ silent: true, confirmsSignOut: false });

  /** The same object until an answer changes it. */
  get fetchState(): FetchState<View> {
    return this.#fetchState;
  }

  setBindings(bindings: StoreBindings<View, Patch>): void {
    this.#bindings = bindings;
  }

  /** Sets the function that makes the other tabs refetch. */
  setBroadcast(broadcast: () => void): void {
    this.#broadcast = broadcast;
  }

  /** Resolves after the first answer. Returns the same promise every time, as `use` needs it. */
  waitForFirstAnswer(): Promise<null> {
    this.#firstAnswer ??= this.#state.waitForChange();
    return this.#firstAnswer;
  }

  /** Returns the state for one answer alone. */
  toSettledState(answer: SessionAnswer<View>): SettledSession<View> {
    return this.#toState(toFetchState(answer)) as SettledSession<View>;
  }

  /** Receives the provider's `session`, by the same rules as a response. Without one, fetches the session once. */
  receive(source: SessionSource<View>): void {
    if (source) receiveWhenKnown(source, this.#requests.start(ownRequest));
    else if (this.getSnapshot().status === 'loading' && !this.#requests.hasStarted()) void this.refetch();
  }

  /** Shows a change at once, and sends it after the earlier ones. If it fails, rejects with that error and rolls back. */
  async change(change: ViewChange<View, Patch>): Promise<View> {
    // A function that throws must reject before the change is shown.
    toPatch(change, this.getSnapshot().data);
    const pending = this.#pending.add(change);
    this.#publish();
    return this.#pending.runInOrder(() => this.#send(pending));
  }

  async #send(pending: PendingChange<View, Patch>): Promise<View> {
    if (!this.#pending.has(pending)) throw new Error(replacedMessage);
    try {
      const patch = toPatch(pending.change, getData(this.#fetchState.latest));
      pending.change = patch;
      const view = await this.#bindings.client.set(patch);
      this.#finishChange(pending);
      this.#applyAnswer(view, true);
      this.#broadcast();
      return view.data;
    } catch (error) {
      this.#finishChange(pending);
      this.#publish();
      void this.#requests.send({ silent: false, confirmsSignOut: isSignedOutError(error) });
      throw error;
    }
  }

  /** Removes a change that succeeded or failed. Earlier requests may show the session before it, so they are discarded. */
  #finishChange(pending: PendingChange<View, Patch>): void {
    this.#pending.remove(pending);
    this.#requests.discardPending();
  }

  #applyFailure(answer: FailedAnswer): void {
    this.#fetchState = applyFailure(this.#fetchState, answer);
    this.#publish();
  }

  #applyAnswer(view: KnownView<View>, silent: boolean): void {
    const { latest: previous } = this.#fetchState;
    this.#fetchState = applyAnswer(this.#fetchState, view);
    const { latest } = this.#fetchState;
    const changesIdentity = previous !== null && latest !== null && getId(previous) !== getId(latest);
    if (changesIdentity) this.#changeIdentity(latest);
    this.#publish();
    if (changesIdentity && !silent) this.#broadcast();
  }

  /** Runs before components render, so that none of them shows data of the previous user. */
  #changeIdentity(next: KnownView<View>): void {
    this.#pending.clear();
    try {
      this.#bindings.onIdentityChange?.(next);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #publish(): void {
    this.#state.set(keepReferences(this.getSnapshot(), this.#toState(this.#fetchState)));
  }

  #toState({ latest, failure }: FetchState<View>): SessionState<View> {
    const view = getData(latest);
    const data = view === null ? null : this.#pending.applyTo(view);
    return toState({ latest, data, failure, refetch: this.refetch });
  }
}

const replacedMessage =
  'Another session replaced the current one before this change was sent, so nothing was written. Call setSession again.';
