import { use, useMemo, useState, useSyncExternalStore } from 'react';
import { type ProviderConnection, type ProviderContext, useConnection } from './connection.ts';
import type { SessionAnswer } from './knowledge.ts';
import { SessionSetter, type SetSession } from './session-setter.ts';
import { createSettledPromise, toSettlingPromise } from './source.ts';
import type { SessionState, SettledSession } from './state.ts';

/** The session as it is known now. Never suspends. */
export function useSessionState<View, Patch>(context: ProviderContext<View, Patch>): SessionState<View> {
  return useStoreState(useConnection(context, 'useSession'));
}

/** The session, suspending until anything is known of it. */
export function useSettledSession<View, Patch>(context: ProviderContext<View, Patch>): SettledSession<View> {
  const connection = useConnection(context, 'useSuspenseSession');
  const { store } = connection;
  const state = useStoreState(connection);
  const isLoading = state.status === 'loading';
  // React wants `use` called again by whoever it has suspended, so there is always something to use.
  const first = use(isLoading ? waitForAnswer(connection) : nothingToAwait);
  return useMemo(() => {
    return isLoading && first ? store.stateOf(first) : (state as SettledSession<View>);
  }, [store, state, isLoading, first]);
}

/** How this component changes the session. */
export function useSetter<View, Patch>(context: ProviderContext<View, Patch>): SetSession<View, Patch> {
  const { store } = useConnection(context, 'useSetSession');
  const [setter] = useState(() => new SessionSetter<View, Patch>((change) => store.change(change)));
  const state = useSyncExternalStore(setter.subscribe, setter.read, setter.read);
  return useMemo(() => ({ ...state, setSession: setter.setSession }), [setter, state]);
}

function useStoreState<View, Patch>({ store }: ProviderConnection<View, Patch>): SessionState<View> {
  return useSyncExternalStore(store.subscribe, store.read, store.readInitial);
}

const nothingToAwait = createSettledPromise(null);

function waitForAnswer<View, Patch>({
  store,
  source,
}: ProviderConnection<View, Patch>): Promise<SessionAnswer<View> | null> {
  if (source) return toSettlingPromise(source);
  // On a server nobody looks, so waiting there would never end.
  if (typeof window !== 'undefined') return store.settled();
  throw new Error(
    'useSuspenseSession() was rendered on the server below a <SessionProvider> without a session. ' +
      'Pass it session={getSessionView()}, or call useSession(), which does not wait.',
  );
}
