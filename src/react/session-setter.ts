import type { CompilerMessage, NoValue } from './compiler-message.ts';
import { ObservableValue } from './observable-value.ts';
import type { ViewChange } from './pending-changes.ts';

/** Catches a patch with fields of the view that may not be changed: it refuses each of them with a message. */
type RefusedPatch<View, Patch> = { readonly [Field in keyof Patch]: Patch[Field] } & {
  readonly [Field in Exclude<
    keyof View,
    keyof Patch
  >]?: CompilerMessage<'Add the field to the patch schema of createSessions: it decides what the browser may change.'>;
} & NoValue;

/** A patch, or a pure function that returns the patch for the current view. */
type PatchInput<View, Patch> = ViewChange<View, Patch> | RefusedPatch<View, Patch>;

/** What `setSession` accepts: nothing if the manager has no patch schema. */
type SetSessionInput<View, Patch> = [Patch] extends [never]
  ? CompilerMessage<'Pass a patch schema to createSessions: it decides what the browser may change.'>
  : PatchInput<View, Patch>;

/** The state of the changes that one hook made. */
export interface SetSessionState {
  /** Whether a change made by this hook is still pending. */
  readonly isPending: boolean;
  /** The error of the last change made by this hook. The next change resets it to null. */
  readonly error: unknown;
}

/** What `useSetSession` returns. */
export interface SetSession<View, Patch> extends SetSessionState {
  /**
   * Changes the session through the `patch` schema of `createSessions`. This is the browser's `setSession`; on the server,
   * the function of the same name starts a session.
   *
   * The change is shown at once and rolled back if it fails. The promise may be ignored, since `error` has the error too.
   *
   * @param change A patch, or a pure function that returns the patch for the current view. The function may run several
   * times.
   * @returns A promise of the new view, as the server returned it.
   * @throws The error of the client, such as a TRPCClientError, if the server refused the change or was unreachable.
   * @throws Error if another user signed in before the change was sent, or a function was passed while signed out.
   * @example setSession({ theme: 'dark' });
   * @example setSession(({ visits }) => ({ visits: visits + 1 }));
   */
  readonly setSession: (change: SetSessionInput<View, Patch>) => Promise<View>;
}

/** The changes of one hook. It is a store because React would delay state that is set inside a transition. */
export class SessionSetter<View, Patch> {
  readonly #change: (change: ViewChange<View, Patch>) => Promise<View>;
  readonly #state = new ObservableValue<SetSessionState>({ isPending: false, error: null });
  #pendingCount = 0;

  constructor(change: (change: ViewChange<View, Patch>) => Promise<View>) {
    this.#change = change;
  }

  readonly getSnapshot = (): SetSessionState => this.#state.getSnapshot();

  readonly subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  readonly setSession = (change: ViewChange<View, Patch>): Promise<View> => {
    const done = this.#track(change);
    // Callers that ignore the promise read `error`: an unhandled rejection would report it twice. Awaiting still rejects.
    done.catch(() => {});
    return done;
  };

  async #track(change: ViewChange<View, Patch>): Promise<View> {
    this.#countPending(1, null);
    try {
      const view = await this.#change(change);
      this.#countPending(-1, this.getSnapshot().error);
      return view;
    } catch (error) {
      this.#countPending(-1, error);
      throw error;
    }
  }

  #countPending(step: 1 | -1, error: unknown): void {
    this.#pendingCount += step;
    this.#state.set({ isPending: this.#pendingCount > 0, error });
  }
}
