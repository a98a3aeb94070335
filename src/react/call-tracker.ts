import { ObservableValue } from './observable-value.ts';

/** The state of the calls that one hook made. */
export interface CallState {
  /** Whether a call of this hook is still pending. */
  readonly isPending: boolean;
  /** The error of the last call of this hook. The next call, or `reset`, sets it to null. */
  readonly error: unknown;
  /**
   * Sets `error` to null, for example when the user closes the message. Does not stop a pending call.
   *
   * @example <button onClick={reset}>Close</button>
   */
  readonly reset: () => void;
}

/** The calls of one hook. It is a store because React would delay state that is set inside a transition. */
export class CallTracker extends ObservableValue<CallState> {
  #pendingCount = 0;

  constructor() {
    super({ isPending: false, error: null, reset: () => this.#countPending(0, null) });
  }

  readonly run = <Result>(call: () => Promise<Result>): Promise<Result> => {
    const done = this.#track(call);
    // Callers that ignore the promise read `error`: an unhandled rejection would report it twice. Awaiting still rejects.
    done.catch(() => {});
    return done;
  };

  async #track<Result>(call: () => Promise<Result>): Promise<Result> {
    this.#countPending(1, null);
    try {
      const result = await call();
      this.#countPending(-1, this.getSnapshot().error);
      return result;
    } catch (error) {
      this.#countPending(-1, error);
      throw error;
    }
  }

  #countPending(step: -1 | 0 | 1, error: unknown): void {
    this.#pendingCount += step;
    this.set({ ...this.getSnapshot(), isPending: this.#pendingCount > 0, error });
  }
}
