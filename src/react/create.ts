import { createContext, type ReactNode } from 'react';
import type { AnySessions, InferSession } from '../core/manager.ts';
import type { ProviderConnection } from './connection.ts';
import { useSessionState, useSetter, useSettledSession } from './hooks.ts';
import { createProvider, type SessionProviderProps } from './provider.tsx';
import type { SetSession } from './session-setter.ts';
import type { SessionState, SettledSession } from './state.ts';

/** A provider and its hooks, as `createReactSession` returns them. */
export interface ReactSession<View, Patch> {
  /**
   * Connects the components below it to the session. Render one per app, in the root layout.
   *
   * It refetches when the session expires, when the window gets focus or the network returns, and when another tab changed
   * the session. After a failed request it tries again every 30 seconds.
   *
   * @example
   * <SessionProvider session={getSessionView()} client={trpc.session}>
   *   {children}
   * </SessionProvider>
   */
  readonly SessionProvider: (props: SessionProviderProps<View, Patch>) => ReactNode;
  /**
   * Returns the session as it is known now. Never suspends. While nothing is known, the status is `loading`, so a signed-in
   * user never sees the signed-out page.
   *
   * @throws Error if no `SessionProvider` of the same `createReactSession()` is above the component.
   * @example
   * const { status, data } = useSession();
   * if (status === 'authenticated') return <p>Hello {data.name}</p>;
   */
  readonly useSession: () => SessionState<View>;
  /**
   * Returns the session, and suspends until the first answer. Render it below a `<Suspense>`.
   *
   * @throws Error if no `SessionProvider` of the same `createReactSession()` is above the component, or if it renders on
   * the server and the provider has no `session`.
   * @example const { status, data } = useSuspenseSession();
   */
  readonly useSuspenseSession: () => SettledSession<View>;
  /**
   * Returns `setSession`, which changes the session from the browser, and the state of the changes made by this component.
   *
   * In the browser `setSession(patch)` changes the session through the `patch` schema of `createSessions`. On the server
   * `setSession(data)`, from the Next integration, starts a session.
   *
   * @throws Error if no `SessionProvider` of the same `createReactSession()` is above the component.
   * @example
   * const { setSession, isPending, error } = useSetSession();
   * return <button disabled={isPending} onClick={() => setSession({ theme: 'dark' })}>Dark</button>;
   */
  readonly useSetSession: () => SetSession<View, Patch>;
}

/**
 * Creates the provider and the hooks for one manager. Only the type of the manager is used, so nothing of it reaches the
 * browser. Call it once, in a module of its own that starts with `'use client'`.
 *
 * @example
 * 'use client';
 * import { createReactSession } from 'trpc-session/react';
 * import type { sessions } from './session';
 *
 * export const { SessionProvider, useSession, useSetSession } = createReactSession<typeof sessions>();
 */
export function createReactSession<S extends AnySessions>(): ReactSession<
  InferSession<S>['view'],
  InferSession<S>['patch']
> {
  type View = InferSession<S>['view'];
  type Patch = InferSession<S>['patch'];
  const context = createContext<ProviderConnection<View, Patch> | null>(null);
  return {
    SessionProvider: createProvider(context),
    useSession: () => useSessionState(context),
    useSuspenseSession: () => useSettledSession(context),
    useSetSession: () => useSetter(context),
  };
}
