import type { ViewStore } from './view-store.ts';

/** Hands the store of a provider to the provider that replaces it. */
export interface Succession<View, Patch> {
  /** Called when a provider is unmounted. */
  leave(store: ViewStore<View, Patch>, client: object): void;
  /** Called when a provider is mounted. If React has just replaced another one by it, continues from what that one knew. */
  join(store: ViewStore<View, Patch>, client: object): void;
}

/**
 * Next may remount a layout, for example after a redirect from a server action. The new provider then continues from what
 * the old one knew. Otherwise nothing would notice that another user signed in, so `onIdentityChange` would not run and the
 * other tabs would not refetch.
 *
 * React says which one is replaced: it unmounts the old one and mounts the new one in the same commit. Both were given the
 * same client, and a promise of the server. Two providers side by side, and stories or tests that follow each other with
 * plain views, share nothing.
 */
export function createSuccession<View, Patch>(): Succession<View, Patch> {
  let left: readonly [store: ViewStore<View, Patch>, client: object] | null = null;
  return {
    leave(...leaving) {
      left = leaving;
      // A commit is synchronous, so it has ended by then.
      queueMicrotask(() => {
        left = null;
      });
    },
    join(store, client) {
      if (left && left[0] !== store && left[1] === client) store.inherit(left[0]);
    },
  };
}
