/** A change of the session: a patch, or a pure function that makes one of the view as it then is. */
export type Change<View, Patch> = Patch | ((view: View) => Patch);

/** A change that the server has not answered yet. */
export interface Pending<View, Patch> {
  readonly change: Change<View, Patch>;
}

/** The view with the changes that are still on their way, oldest first. */
export function replay<View, Patch>(view: View, pending: readonly Pending<View, Patch>[]): View {
  return pending.reduce((current, { change }) => attempt(current, change), view);
}

/** @throws what the function throws; and an Error for a function where there is no view to give it. */
export function patchOf<View, Patch>(change: Change<View, Patch>, view: View | null): Patch {
  if (!isFunction(change)) return change;
  if (view !== null) return change(view);
  throw new Error(
    'setSession was given a function, but there is no session to call it with. ' +
      "Wait until useSession() answers 'authenticated', or pass the patch itself.",
  );
}

function attempt<View, Patch>(view: View, change: Change<View, Patch>): View {
  try {
    return merged(view, patchOf(change, view));
  } catch {
    // The view may have moved on to one that the function cannot take. Sending it will say so to the caller.
    return view;
  }
}

function merged<View>(view: View, patch: unknown): View {
  return isRecord(view) && isRecord(patch) ? { ...view, ...patch } : view;
}

function isFunction<View, Patch>(change: Change<View, Patch>): change is (view: View) => Patch {
  return typeof change === 'function';
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
