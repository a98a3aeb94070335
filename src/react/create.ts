import { createContext, type ReactNode } from 'react';
import type { Sessions } from '../core/manager.ts';
import type { ProviderConnection } from './connection.ts';
import { useSessionState, useSetter, useSettledSession } from './hooks.ts';
import { createProvider, type SessionProviderProps } from './provider.tsx';
import type { SetSession } from './session-setter.ts';
import type { SessionState, SettledSession } from './state.ts';

/** A provider and its hooks. */
export interface ReactSession<View, Patch> {
  /** Ties the components below it to the session. One per app, as high as its layout. */
  readonly SessionProvider: (props: SessionProviderProps<View, Patch>) => ReactNode;
  /** The session as it is known now. Never suspends, and never shows signed out while it does not know. */
  readonly useSession: () => SessionState<View>;
  /** The session, suspending until anything is known of it. */
  readonly useSuspenseSession: () => SettledSession<View>;
  /** How a component changes the session. */
  readonly useSetSession: () => SetSession<View, Patch>;
}

// biome-ignore lint/suspicious/noExplicitAny: a manager's types stand on both sides of its methods, so only any fits all.
type AnySessions = Sessions<any>;

type TypesOf<S> = S extends Sessions<infer T> ? T : never;

/**
 * Makes the provider and the hooks of one manager, of which only the type is needed:
 * `createReactSession<typeof sessions>()`. Call it once, in a module of its own that starts with 'use client'.
 */
export function createReactSession<S extends AnySessions>(): ReactSession<TypesOf<S>['view'], TypesOf<S>['patch']> {
  type View = TypesOf<S>['view'];
  type Patch = TypesOf<S>['patch'];
  const context = createContext<ProviderConnection<View, Patch> | null>(null);
  return {
    SessionProvider: createProvider(context),
    useSession: () => useSessionState(context),
    useSuspenseSession: () => useSettledSession(context),
    useSetSession: () => useSetter(context),
  };
}
