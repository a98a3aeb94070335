/** A change of the session: a patch, or a pure function that makes one of the view as it then is. */
export type Change<View, Patch> = Patch | ((view: View) => Patch);

/** A change that the server has not answered yet. */
export interface Pending<View, Patch> {
  /** What is shown: the function until it is sent, and from then on the patch that was. */
  change: Change<View, Patch>;
}

/** The changes on their way, oldest first. They are sent one after another, so that their order is kept. */
export class PendingChanges<View, Patch> {
  #pending: readonly Pending<View, Patch>[] = [];
  #last: Promise<unknown> = Promise.resolve();

  add(change: Change<View, Patch>): Pending<View, Patch> {
    const pending = { change };
    this.#pending = [...this.#pending, pending];
    return pending;
  }

  has(pending: Pending<View, Patch>): boolean {
    return this.#pending.includes(pending);
  }

  drop(pending: Pending<View, Patch>): void {
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
    return this.#pending.reduce((current, { change }) => applied(current, change), view);
  }
}

/** @throws what the function throws, and an Error for a function where there is no view to give it. */
export function patchOf<View, Patch>(change: Change<View, Patch>, view: View | null): Patch {
  if (!isFunction(change)) return change;
  if (view !== null) return change(view);
  throw new Error(
    'setSession was given a function, but there is no session to call it with. ' +
      "Wait until useSession() answers 'authenticated', or pass the patch itself.",
  );
}

function applied<View, Patch>(view: View, change: Change<View, Patch>): View {
  try {
    const patch = patchOf(change, view);
    return isRecord(view) && isRecord(patch) ? { ...view, ...patch } : view;
  } catch {
    // The view may have moved on to one that the function cannot take. Sending it will say so to its caller.
    return view;
  }
}

function isFunction<View, Patch>(change: Change<View, Patch>): change is (view: View) => Patch {
  return typeof change === 'function';
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
