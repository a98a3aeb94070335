import { Fragment, type ReactNode, useEffect, useLayoutEffect, useState } from 'react';
import { type SessionClient, toCalls } from './client.ts';
import type { ProviderContext } from './connection.ts';
import type { KnownView } from './known-view.ts';
import type { RefetchOptions } from './refetch-options.ts';
import { RefetchScheduler } from './refetch-scheduler.ts';
import { renderPageAgain } from './render-page-again.ts';
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
   * still changes. Reset the queries of TanStack Query: after `clear`, mounted components go on showing the old data.
   *
   * @example onIdentityChange={() => queryClient.resetQueries()}
   */
  readonly onIdentityChange?: ((next: KnownView<View>) => void) | undefined;
  /**
   * Makes the page render for the present user. Called after `onIdentityChange`, except when a session expires: then what
   * the user has typed stays, until the next sign-in. If it returns true, the components below are unmounted and mounted
   * again. False: nothing is rendered again.
   *
   * @param hasFormerUser Whether the page may show what it rendered for a former user.
   * @default In Next's App Router: `router.refresh()`, and the pages of a former user are unmounted. Elsewhere:
   * `location.reload()`, unless no user was signed in before.
   * @example refreshPage={() => router.invalidate()}
   */
  readonly refreshPage?: ((hasFormerUser: boolean) => unknown) | false | undefined;
  readonly children?: ReactNode;
}

/** Creates the provider component of one context. */
export function createProvider<View, Patch>(
  Context: ProviderContext<View, Patch>,
): (props: SessionProviderProps<View, Patch>) => ReactNode {
  const succession = createSuccession<View, Patch>();
  return function SessionProvider({
    session: source,
    client,
    channel = 'trpc-session',
    refreshPage = renderPageAgain,
    children,
    ...options
  }) {
    const { refetchEvery } = options;
    const [generation, setGeneration] = useState(0);
    const discardPages = (hasFormerUser: boolean): void => {
      if (refreshPage && refreshPage(hasFormerUser) === true) setGeneration((count) => count + 1);
    };
    const storeOptions = { ...options, client: toCalls(client), discardPages };
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
    return (
      <Context value={store}>
        <Fragment key={generation}>{children}</Fragment>
      </Context>
    );
  };
}
