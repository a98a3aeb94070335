import { use, useMemo, useState, useSyncExternalStore } from 'react';
import { type Connection, type ConnectionContext, useConnection } from './connection.ts';
import type { Answer } from './knowledge.ts';
import { type SetSession, Setter } from './setter.ts';
import { settled, settlingOf } from './source.ts';
import type { SessionState, SettledSession } from './state.ts';

/** The session as it is known now. Never suspends. */
export function useSessionState<View, Patch>(context: ConnectionContext<View, Patch>): SessionState<View> {
  return useStoreState(useConnection(context, 'useSession'));
}

/** The session, suspending until anything is known of it. */
export function useSettledSession<View, Patch>(context: ConnectionContext<View, Patch>): SettledSession<View> {
  const connection = useConnection(context, 'useSuspenseSession');
  const { store } = connection;
  const state = useStoreState(connection);
  const isLoading = state.status === 'loading';
  // React wants `use` called again by whoever it has suspended, so there is always something to use.
  const first = use(isLoading ? firstAnswer(connection) : nothingToAwait);
  return useMemo(() => {
    return isLoading && first ? store.stateOf(first) : (state as SettledSession<View>);
  }, [store, state, isLoading, first]);
}

/** How this component changes the session. */
export function useSetter<View, Patch>(context: ConnectionContext<View, Patch>): SetSession<View, Patch> {
  const { store } = useConnection(context, 'useSetSession');
  const [setter] = useState(() => new Setter<View, Patch>((change) => store.change(change)));
  const state = useSyncExternalStore(setter.subscribe, setter.read, setter.read);
  return useMemo(() => ({ ...state, setSession: setter.setSession }), [setter, state]);
}

function useStoreState<View, Patch>({ store }: Connection<View, Patch>): SessionState<View> {
  return useSyncExternalStore(store.subscribe, store.read, store.readInitial);
}

const nothingToAwait = settled(null);

function firstAnswer<View, Patch>({ store, source }: Connection<View, Patch>): Promise<Answer<View> | null> {
  if (source) return settlingOf(source);
  // On a server nobody looks, so waiting there would never end.
  if (typeof window !== 'undefined') return store.settled();
  throw new Error(
    'useSuspenseSession() was rendered on the server below a <SessionProvider> without a session. ' +
      'Pass it session={getSessionView()}, or call useSession(), which does not wait.',
  );
}
