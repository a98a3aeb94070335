import { createContext, type ReactNode } from 'react';
import type { AnySessions, InferSession } from '../core/manager.ts';
import type { ProviderContext } from './connection.ts';
import { type SessionSelector, useSelectedState, useSetter, useSettledSession, useSigner } from './hooks.ts';
import { createProvider, type SessionProviderProps } from './provider.tsx';
import type { SetSession, SignOut } from './set-session.ts';
import type { SessionState, SettledSession } from './state.ts';
import type { ViewStore } from './view-store.ts';

/** The props of `<SignedIn>` and `<SignedOut>`. */
export interface SignedInProps {
  readonly children?: ReactNode;
}

/** The type of `useSession`. */
export interface UseSession<View> {
  (): SessionState<View>;
  <Selected>(select: SessionSelector<View, Selected>): Selected;
}

/** A provider and its hooks, as `createReactSession` returns them. */
export interface ReactSession<View, Patch> {
  /**
   * Connects the components below it to the session. Render one per app, in the root layout.
   *
   * It reads the session again when it expires, when the window gets focus or the network returns, and when another tab
   * changed it. After failed requests it tries again after about 1, 3 and 9 seconds, then every 9 seconds, and at once when
   * the network returns or the user comes back to the page.
   *
   * @example
   * <SessionProvider session={getSessionView()} client={trpc.session}>
   *   {children}
   * </SessionProvider>
   */
  readonly SessionProvider: (props: SessionProviderProps<View, Patch>) => ReactNode;
  /**
   * Returns the session as it is known now, or what a selector returns for it. Never suspends. While nothing is known, the
   * status is `loading`, so a signed-in user never sees the signed-out page. During an outage, `status` and `data` stay, and
   * `error` says what failed.
   *
   * With a selector, the component renders again only when the selected value changes. Values are compared deeply.
   *
   * @throws Error if no `SessionProvider` of the same `createReactSession()` is above the component.
   * @example
   * const { status, data } = useSession();
   * if (status === 'authenticated') return <p>Hello {data.name}</p>;
   * @example const theme = useSession((session) => session.data?.theme);
   */
  readonly useSession: UseSession<View>;
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
   * const { setSession, isPending, error, reset } = useSetSession();
   * return <button disabled={isPending} onClick={() => setSession({ theme: 'dark' })}>Dark</button>;
   */
  readonly useSetSession: () => SetSession<View, Patch>;
  /**
   * Returns `signOut`, which ends the session and shows that in all tabs, and the state of the calls of this component. The
   * provider's client needs `destroy`; that of tRPC has it.
   *
   * @throws Error if no `SessionProvider` of the same `createReactSession()` is above the component.
   * @example
   * const { signOut, isPending } = useSignOut();
   * return <button disabled={isPending} onClick={signOut}>Sign out</button>;
   */
  readonly useSignOut: () => SignOut;
  /**
   * Shows its children while the user is signed in, also during an outage.
   *
   * @example <SignedIn><AccountMenu /></SignedIn>
   */
  readonly SignedIn: (props: SignedInProps) => ReactNode;
  /**
   * Shows its children while the user is signed out. While the session is loading, it shows nothing.
   *
   * @example <SignedOut><a href="/sign-in">Sign in</a></SignedOut>
   */
  readonly SignedOut: (props: SignedInProps) => ReactNode;
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
 * export const { SessionProvider, useSession, useSetSession, useSignOut } = createReactSession<typeof sessions>();
 */
export function createReactSession<S extends AnySessions>(): ReactSession<
  InferSession<S>['view'],
  InferSession<S>['patch']
> {
  type View = InferSession<S>['view'];
  type Patch = InferSession<S>['patch'];
  const context = createContext<ViewStore<View, Patch> | null>(null);
  return {
    SessionProvider: createProvider(context),
    useSession: <Selected>(select: SessionSelector<View, Selected> = selectAll) => useSelectedState(context, select),
    useSuspenseSession: () => useSettledSession(context),
    useSetSession: () => useSetter(context),
    useSignOut: () => useSigner(context),
    SignedIn: createStatusGate(context, 'authenticated'),
    SignedOut: createStatusGate(context, 'unauthenticated'),
  };
}

/** Without a selector, the whole session is the selected part. */
const selectAll = <View, Selected>(session: SessionState<View>): Selected => session as Selected;

/** Creates a component that shows its children while the session has this status. */
function createStatusGate<View, Patch>(
  context: ProviderContext<View, Patch>,
  status: SessionState<View>['status'],
): (props: SignedInProps) => ReactNode {
  return ({ children }) => (useSelectedState(context, (session) => session.status === status) ? children : null);
}
