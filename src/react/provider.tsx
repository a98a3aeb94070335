import { type ReactNode, useEffect, useLayoutEffect, useMemo, useReducer, useState } from 'react';
import { type SessionClient, toActions } from './client.ts';
import type { ProviderContext } from './connection.ts';
import type { KnownView } from './known-view.ts';
import { RefetchScheduler } from './refetch-scheduler.ts';
import type { SessionSource } from './source.ts';
import { ViewStore } from './view-store.ts';

/** The props of `<SessionProvider>`. */
export interface SessionProviderProps<View, Patch> {
  /**
   * The session as the server rendered it: `getSessionView()`, preferably as a promise that is not awaited. It may change
   * at any time; an older view never replaces a newer one.
   *
   * @default undefined (the browser fetches the session after the first render)
   * @example <SessionProvider session={getSessionView()} client={trpc.session}>
   */
  readonly session?: SessionSource<View>;
  /** Reads and changes the session: the session procedures of a vanilla tRPC client, or two server actions. */
  readonly client: SessionClient<View, Patch>;
  /**
   * The name of the BroadcastChannel that the app's tabs share. Set it if two apps run on one origin.
   *
   * @default 'trpc-session'
   */
  readonly channel?: string | undefined;
  /**
   * Called when another user signs in or the user is signed out, before any component renders the new session. Use it to
   * drop what was fetched for the previous user. If it throws, the error is reported as uncaught, and the session
   * still changes.
   *
   * @example onIdentityChange={() => { queryClient.clear(); router.refresh(); }}
   */
  readonly onIdentityChange?: ((next: KnownView<View>) => void) | undefined;
  readonly children?: ReactNode;
}

/** Creates the provider component of one context. */
export function createProvider<View, Patch>(
  Context: ProviderContext<View, Patch>,
): (props: SessionProviderProps<View, Patch>) => ReactNode {
  /**
   * Next may remount a layout, for example after a redirect from a server action. The new provider then takes over the
   * store of the mounted one. A new store would not notice that another user signed in, so `onIdentityChange` would not
   * run and the other tabs would not refetch.
   */
  const mountedStores = new Set<ViewStore<View, Patch>>();
  return function SessionProvider({ session: source, client, channel = 'trpc-session', onIdentityChange, children }) {
    const bindings = { client: toActions(client), onIdentityChange };
    const [store] = useState(() => [...mountedStores].at(-1) ?? new ViewStore<View, Patch>(source, bindings));
    const [scheduler] = useState(() => new RefetchScheduler(store));
    const [, renderAgain] = useReducer((count: number) => count + 1, 0);
    const connection = useMemo(() => ({ store, source }), [store, source]);
    useLayoutEffect(() => store.setBindings(bindings));
    useLayoutEffect(() => {
      mountedStores.add(store);
      return () => void mountedStores.delete(store);
    }, [store]);
    useLayoutEffect(() => {
      store.receive(source);
      // Rendering again makes React subscribe the hooks to the store before it paints, so no frame shows the old state.
      renderAgain();
    }, [store, source]);
    useEffect(() => {
      scheduler.start(channel);
      return () => scheduler.stop();
    }, [scheduler, channel]);
    return <Context value={connection}>{children}</Context>;
  };
}
