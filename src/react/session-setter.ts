import { Cell } from './cell.ts';
import type { ViewChange } from './pending-changes.ts';

/** Where this hook's own changes stand. */
export interface SetSessionState {
  /** Whether a change made here is still on its way. */
  readonly isPending: boolean;
  /** What a change made here failed with; null again as soon as another is made. */
  readonly error: unknown;
}

/** What `useSetSession` answers. */
export interface SetSession<View, Patch> extends SetSessionState {
  /**
   * Changes the session: by a patch, or a pure function that makes one of the view as it then is. Shown at once;
   * resolves to the view that the server answers; rejects with the server's error, and is then taken back. The promise
   * may be ignored: the error is in `error` too.
   */
  readonly setSession: (change: [Patch] extends [never] ? never : ViewChange<View, Patch>) => Promise<View>;
}

/** One hook's changes. A store of its own, since React would hold back state that is set inside a transition. */
export class SessionSetter<View, Patch> {
  readonly #change: (change: ViewChange<View, Patch>) => Promise<View>;
  readonly #cell = new Cell<SetSessionState>({ isPending: false, error: null });
  #running = 0;

  constructor(change: (change: ViewChange<View, Patch>) => Promise<View>) {
    this.#change = change;
  }

  readonly read = (): SetSessionState => this.#cell.read();

  readonly subscribe = (listener: () => void): (() => void) => this.#cell.subscribe(listener);

  readonly setSession = (change: ViewChange<View, Patch>): Promise<View> => {
    const done = this.#track(change);
    // Who ignores the promise reads `error`; an unhandled rejection would say it twice. Who awaits it still gets it.
    done.catch(() => {});
    return done;
  };

  async #track(change: ViewChange<View, Patch>): Promise<View> {
    this.#count(1, null);
    try {
      const view = await this.#change(change);
      this.#count(-1, this.read().error);
      return view;
    } catch (error) {
      this.#count(-1, error);
      throw error;
    }
  }

  #count(step: 1 | -1, error: unknown): void {
    this.#running += step;
    this.#cell.write({ isPending: this.#running > 0, error });
  }
}
