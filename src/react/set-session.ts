import type { CallState } from './call-tracker.ts';
import type { CompilerMessage, NoValue } from './compiler-message.ts';
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

/** What `useSetSession` returns. */
export interface SetSession<View, Patch> extends CallState {
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

/** What `useSignOut` returns. */
export interface SignOut extends CallState {
  /**
   * Ends the session on the server, then shows that in all tabs. Idempotent. The promise may be ignored, since `error` has
   * the error too.
   *
   * @throws The error of the client, such as a TRPCClientError. The session may then still exist, and the user stays signed
   * in until the server responds.
   * @example <button disabled={isPending} onClick={signOut}>Sign out</button>
   */
  readonly signOut: () => Promise<void>;
}
