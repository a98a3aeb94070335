import { use, useMemo, useState, useSyncExternalStore } from 'react';
import { type ProviderConnection, type ProviderContext, useConnection } from './connection.ts';
import type { SessionAnswer } from './fetch-state.ts';
import { SessionSetter, type SetSession } from './session-setter.ts';
import { createSettledPromise, toSettlingPromise } from './source.ts';
import type { SessionState, SettledSession } from './state.ts';

/** The code of `useSession`. */
export function useSessionState<View, Patch>(context: ProviderContext<View, Patch>): SessionState<View> {
  return useStoreState(useConnection(context, 'useSession'));
}

/** The code of `useSuspenseSession`. */
export function useSettledSession<View, Patch>(context: ProviderContext<View, Patch>): SettledSession<View> {
  const connection = useConnection(context, 'useSuspenseSession');
  const { store } = connection;
  const state = useStoreState(connection);
  const isLoading = state.status === 'loading';
  // A component that has suspended must call `use` again when React resumes it, so there is always a promise to use.
  const firstAnswer = use(isLoading ? waitForAnswer(connection) : settledWithoutAnswer);
  return useMemo(() => {
    return isLoading && firstAnswer ? store.toSettledState(firstAnswer) : (state as SettledSession<View>);
  }, [store, state, isLoading, firstAnswer]);
}

/** The code of `useSetSession`. */
export function useSetter<View, Patch>(context: ProviderContext<View, Patch>): SetSession<View, Patch> {
  const { store } = useConnection(context, 'useSetSession');
  const [setter] = useState(() => new SessionSetter<View, Patch>((change) => store.change(change)));
  const state = useSyncExternalStore(setter.subscribe, setter.getSnapshot, setter.getSnapshot);
  return useMemo(
    // The public type adds members that no value has, which the compiler cannot see while View and Patch are unknown.
    () => ({ ...state, setSession: setter.setSession as SetSession<View, Patch>['setSession'] }),
    [setter, state],
  );
}

function useStoreState<View, Patch>({ store }: ProviderConnection<View, Patch>): SessionState<View> {
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}

const settledWithoutAnswer = createSettledPromise(null);

function waitForAnswer<View, Patch>({
  store,
  source,
}: ProviderConnection<View, Patch>): Promise<SessionAnswer<View> | null> {
  if (source) return toSettlingPromise(source);
  // The server never fetches, so waiting there would never end.
  if (typeof window !== 'undefined') return store.waitForFirstAnswer();
  throw new Error(
    'useSuspenseSession() was rendered on the server below a <SessionProvider> without a session. ' +
      'Pass it session={getSessionView()}, or call useSession(), which does not suspend.',
  );
}
