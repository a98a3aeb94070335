import { type ReactNode, useEffect, useLayoutEffect, useMemo, useReducer, useState } from 'react';
import { type SessionClient, toActions } from './client.ts';
import type { ProviderContext } from './connection.ts';
import type { KnownView } from './order-views.ts';
import { RefetchScheduler } from './refetch-scheduler.ts';
import type { SessionSource } from './source.ts';
import { ViewStore } from './view-store.ts';

export interface SessionProviderProps<View, Patch> {
  /**
   * What the server says: `getSessionView()`, awaited or, better, not. May change at any time; the newer answer wins.
   * Without it the browser asks.
   */
  readonly session?: SessionSource<View>;
  /** How the browser asks and changes: a vanilla tRPC client's `session`, or two server actions. */
  readonly client: SessionClient<View, Patch>;
  /** Names the tabs that follow each other. Set it where two apps share an origin. Default `'trpc-session'`. */
  readonly channel?: string | undefined;
  /**
   * Called when somebody else, or nobody, is signed in now, before any component sees it. The place to clear what was
   * fetched for the one before: `queryClient.clear()`, `router.refresh()`.
   */
  readonly onIdentityChange?: ((next: KnownView<View>) => void) | undefined;
  readonly children?: ReactNode;
}

/** Makes the provider of one context. */
export function createProvider<View, Patch>(
  Context: ProviderContext<View, Patch>,
): (props: SessionProviderProps<View, Patch>) => ReactNode {
  /**
   * Next may mount a layout anew, as after a redirect from a server action. The new provider goes on with the store of the
   * one it takes over from: a fresh one would not notice that somebody else is signed in now, and tell nobody.
   */
  const mounted = new Set<ViewStore<View, Patch>>();
  return function SessionProvider({ session: source, client, channel = 'trpc-session', onIdentityChange, children }) {
    const bindings = { client: toActions(client), onIdentityChange };
    const [store] = useState(() => [...mounted].at(-1) ?? new ViewStore<View, Patch>(source, bindings));
    const [watch] = useState(() => new RefetchScheduler(store));
    const [, render] = useReducer((count: number) => count + 1, 0);
    const connection = useMemo(() => ({ store, source }), [store, source]);
    useLayoutEffect(() => store.bind(bindings));
    useLayoutEffect(() => {
      mounted.add(store);
      return () => void mounted.delete(store);
    }, [store]);
    useLayoutEffect(() => {
      store.offer(source);
      // Rendering now makes React attach the hooks to the store before it paints, so that no frame shows what was.
      render();
    }, [store, source]);
    useEffect(() => {
      watch.start(channel);
      return () => watch.stop();
    }, [watch, channel]);
    return <Context value={connection}>{children}</Context>;
  };
}
