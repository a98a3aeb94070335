import type { KnownView } from './known-view.ts';

/** A change of the session: a patch, or a pure function that returns the patch for the current view. */
export type ViewChange<View, Patch> = Patch | ((view: View) => Patch);

/** A change that the server has not confirmed yet. */
export interface PendingChange<View, Patch> {
  /** A function until it is sent; then the patch that was sent, so that the page shows exactly that. */
  change: ViewChange<View, Patch>;
}

/** The pending changes, oldest first. They are sent one after another, so that they reach the server in order. */
export class PendingChanges<View, Patch> {
  #pending: readonly PendingChange<View, Patch>[] = [];
  #last: Promise<unknown> = Promise.resolve();

  add(change: ViewChange<View, Patch>): PendingChange<View, Patch> {
    const pending = { change };
    this.#pending = [...this.#pending, pending];
    return pending;
  }

  has(pending: PendingChange<View, Patch>): boolean {
    return this.#pending.includes(pending);
  }

  remove(pending: PendingChange<View, Patch>): void {
    this.#pending = this.#pending.filter((other) => other !== pending);
  }

  clear(): void {
    this.#pending = [];
  }

  /** Runs a task after all earlier ones have settled, whether they succeeded or failed. */
  runInOrder<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Returns the view with the pending changes applied to its data. */
  applyTo(view: KnownView<View> | null): KnownView<View> | null {
    if (view?.status !== 'authenticated') return view;
    return { ...view, data: this.#pending.reduce((data, { change }) => applyPendingChange(data, change), view.data) };
  }
}

/** @throws Error if the change is a function and there is no view, and whatever the function throws. */
export function toPatch<View, Patch>(change: ViewChange<View, Patch>, view: View | null): Patch {
  if (!isFunction(change)) return change;
  if (view !== null) return change(view);
  throw new Error('There is no session. Wait for one.');
}

function applyPendingChange<View, Patch>(view: View, change: ViewChange<View, Patch>): View {
  try {
    const patch = toPatch(change, view);
    return isPlainObject(view) && isPlainObject(patch) ? { ...view, ...patch } : view;
  } catch {
    // The view may have changed since, to one that the function does not accept. When it is sent, its caller gets the error.
    return view;
  }
}

function isFunction<View, Patch>(change: ViewChange<View, Patch>): change is (view: View) => Patch {
  return typeof change === 'function';
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
