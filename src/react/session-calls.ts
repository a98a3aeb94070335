import { getData } from './known-view.ts';
import { type PendingChange, toPatch, type ViewChange } from './pending-changes.ts';
import { isSignedOutError } from './refetch-error.ts';
import { confirmingRequest, ownRequest } from './view-requests.ts';
import type { ViewStore } from './view-store.ts';

/** Shows a change at once, and sends it after the earlier ones. If it fails, rejects with that error and rolls back. */
export async function changeSession<View, Patch>(
  store: ViewStore<View, Patch>,
  change: ViewChange<View, Patch>,
): Promise<View> {
  // A function that throws must reject before the change is shown.
  toPatch(change, store.state.getSnapshot().data);
  const pending = store.pending.add(change);
  store.publish();
  return store.pending.runInOrder(() => sendChange(store, pending));
}

async function sendChange<View, Patch>(
  store: ViewStore<View, Patch>,
  pending: PendingChange<View, Patch>,
): Promise<View> {
  if (!store.pending.has(pending)) throw new Error(replacedMessage);
  try {
    const patch = toPatch(pending.change, getData(store.fetchState.latest));
    pending.change = patch;
    const view = await store.options.client.set(patch);
    finishChange(store, pending);
    store.applyAnswer(view, true);
    store.broadcast();
    return view.data;
  } catch (error) {
    finishChange(store, pending);
    store.publish();
    void store.requests.send(isSignedOutError(error) ? confirmingRequest : ownRequest);
    throw error;
  }
}

/** Removes a change that succeeded or failed. Earlier requests may show the session before it, so they are discarded. */
function finishChange<View, Patch>(store: ViewStore<View, Patch>, pending: PendingChange<View, Patch>): void {
  store.pending.remove(pending);
  store.requests.discardPending();
}

/** Ends the session on the server, then shows that in all tabs. If it fails, rejects with that error. */
export async function signOutOfSession<View, Patch>(store: ViewStore<View, Patch>): Promise<void> {
  try {
    await store.options.client.destroy();
  } catch (error) {
    // The server may have ended the session although its response was lost.
    void store.refetch();
    throw error;
  }
  store.requests.discardPending();
  store.signOutAt(Math.max(store.getServerTime(), (store.fetchState.latest?.at ?? -1) + 1));
  store.broadcast();
}

const replacedMessage = 'Another session replaced this one. Try again.';
