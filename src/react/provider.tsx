import { type ReactNode, useEffect, useLayoutEffect, useState } from 'react';
import { type SessionClient, toCalls } from './client.ts';
import type { ProviderContext } from './connection.ts';
import type { KnownView } from './known-view.ts';
import type { RefetchOptions } from './refetch-options.ts';
import { RefetchScheduler } from './refetch-scheduler.ts';
import { isPromise, type SessionSource } from './source.ts';
import { createSuccession } from './succession.ts';
import { ViewStore } from './view-store.ts';

/** The props of `<SessionProvider>`. */
export interface SessionProviderProps<View, Patch> extends RefetchOptions {
  /**
   * The session as the server rendered it: `getSessionView()`, preferably as a promise that is not awaited. It may change
   * at any time; an older view never replaces a newer one.
   *
   * @default undefined (the browser fetches the session after the first render)
   * @example <SessionProvider session={getSessionView()} client={trpc.session}>
   */
  readonly session?: SessionSource<View>;
  /** Reads and changes the session: the session procedures of a vanilla tRPC client, or server actions. */
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
  const succession = createSuccession<View, Patch>();
  return function SessionProvider({ session: source, client, channel = 'trpc-session', children, ...options }) {
    const { refetchEvery } = options;
    const storeOptions = { ...options, client: toCalls(client) };
    const [store] = useState(() => new ViewStore<View, Patch>(source, storeOptions));
    const [scheduler] = useState(() => new RefetchScheduler(store));
    const [, renderAgain] = useState({});
    useLayoutEffect(() => {
      store.options = storeOptions;
    });
    useLayoutEffect(() => {
      if (!isPromise(store.source)) return;
      succession.join(store, client);
      return () => succession.leave(store, client);
    }, [store, client]);
    useLayoutEffect(() => {
      store.receive(source);
      // Rendering again makes React subscribe the hooks to the store before it paints, so no frame shows the old state.
      renderAgain({});
    }, [store, source]);
    useEffect(() => {
      scheduler.start({ channel, refetchEvery });
      return () => scheduler.stop();
    }, [scheduler, channel, refetchEvery]);
    return <Context value={store}>{children}</Context>;
  };
}
