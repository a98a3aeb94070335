/** A change of the session: a patch, or a pure function that makes one of the view as it then is. */
export type ViewChange<View, Patch> = Patch | ((view: View) => Patch);

/** A change that the server has not answered yet. */
export interface PendingChange<View, Patch> {
  /** What is shown: the function until it is sent, and from then on the patch that was. */
  change: ViewChange<View, Patch>;
}

/** The changes on their way, oldest first. They are sent one after another, so that their order is kept. */
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

  drop(pending: PendingChange<View, Patch>): void {
    this.#pending = this.#pending.filter((other) => other !== pending);
  }

  clear(): void {
    this.#pending = [];
  }

  /** Runs a job when those before it are done, however they ended. */
  inTurn<Result>(job: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(job);
    this.#last = done.catch(() => {});
    return done;
  }

  /** The view with these changes over it. */
  over(view: View): View {
    return this.#pending.reduce((current, { change }) => applyPending(current, change), view);
  }
}

/** @throws what the function throws, and an Error for a function where there is no view to give it. */
export function toPatch<View, Patch>(change: ViewChange<View, Patch>, view: View | null): Patch {
  if (!isFunction(change)) return change;
  if (view !== null) return change(view);
  throw new Error(
    'setSession was given a function, but there is no session to call it with. ' +
      "Wait until useSession() answers 'authenticated', or pass the patch itself.",
  );
}

function applyPending<View, Patch>(view: View, change: ViewChange<View, Patch>): View {
  try {
    const patch = toPatch(change, view);
    return isPlainObject(view) && isPlainObject(patch) ? { ...view, ...patch } : view;
  } catch {
    // The view may have moved on to one that the function cannot take. Sending it will say so to its caller.
    return view;
  }
}

function isFunction<View, Patch>(change: ViewChange<View, Patch>): change is (view: View) => Patch {
  return typeof change === 'function';
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
