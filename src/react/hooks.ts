import { use, useCallback, useMemo, useState, useSyncExternalStore } from 'react';
import { type CallState, CallTracker } from './call-tracker.ts';
import { type ProviderContext, useStore } from './connection.ts';
import type { SessionAnswer } from './fetch-state.ts';
import { changeSession, signOutOfSession } from './session-calls.ts';
import type { SetSession, SignOut } from './set-session.ts';
import { shareStructure } from './share-structure.ts';
import { createSettledPromise } from './source.ts';
import type { SessionState, SettledSession } from './state.ts';
import type { ViewStore } from './view-store.ts';

/** Selects a part of the session. */
export type SessionSelector<View, Selected> = (session: SessionState<View>) => Selected;

/** The code of `useSession`. */
export function useSelectedState<View, Patch, Selected>(
  context: ProviderContext<View, Patch>,
  select: SessionSelector<View, Selected>,
): Selected {
  const store = useStore(context, 'useSession');
  // A selector may create its result. The last one is returned for as long as it is equal, or React would never stop.
  const [last] = useState<{ selected: unknown }>(() => ({ selected: null }));
  const toSelected = (state: SessionState<View>): Selected => {
    const selected = shareStructure(last.selected, select(state));
    last.selected = selected;
    return selected;
  };
  return useSyncExternalStore(
    store.state.subscribe,
    () => toSelected(store.state.getSnapshot()),
    () => toSelected(store.getServerSnapshot()),
  );
}

/** The code of `useSuspenseSession`. */
export function useSettledSession<View, Patch>(context: ProviderContext<View, Patch>): SettledSession<View> {
  const store = useStore(context, 'useSuspenseSession');
  const state = useSyncExternalStore(store.state.subscribe, store.state.getSnapshot, store.getServerSnapshot);
  const isLoading = state.status === 'loading';
  // A component that has suspended must call `use` again when React resumes it, so there is always a promise to use.
  const firstAnswer = use(isLoading ? waitForAnswer(store) : settledWithoutAnswer);
  return useMemo(() => {
    if (!isLoading) return state;
    return firstAnswer ? store.toSettledState(firstAnswer) : (store.state.getSnapshot() as SettledSession<View>);
  }, [store, state, isLoading, firstAnswer]);
}

/** The code of `useSetSession`. */
export function useSetter<View, Patch>(context: ProviderContext<View, Patch>): SetSession<View, Patch> {
  const store = useStore(context, 'useSetSession');
  const [state, setSession] = useTrackedCall(store, changeSession<View, Patch>);
  return useMemo(
    // The public type adds members that no value has, which the compiler cannot see while View and Patch are unknown.
    () => ({ ...state, setSession: setSession as SetSession<View, Patch>['setSession'] }),
    [state, setSession],
  );
}

/** The code of `useSignOut`. */
export function useSigner<View, Patch>(context: ProviderContext<View, Patch>): SignOut {
  const [state, signOut] = useTrackedCall(useStore(context, 'useSignOut'), signOutOfSession<View, Patch>);
  return useMemo(() => ({ ...state, signOut }), [state, signOut]);
}

function useTrackedCall<View, Patch, Input extends readonly unknown[], Result>(
  store: ViewStore<View, Patch>,
  call: (store: ViewStore<View, Patch>, ...input: Input) => Promise<Result>,
): [state: CallState, run: (...input: Input) => Promise<Result>] {
  const [tracker] = useState(() => new CallTracker());
  const state = useSyncExternalStore(tracker.subscribe, tracker.getSnapshot, tracker.getSnapshot);
  const run = useCallback((...input: Input) => tracker.run(() => call(store, ...input)), [store, tracker, call]);
  return [state, run];
}

const settledWithoutAnswer = createSettledPromise(null);

function waitForAnswer<View, Patch>(store: ViewStore<View, Patch>): Promise<SessionAnswer<View> | null> {
  // The server never fetches, so waiting there would never end.
  if (store.source || typeof window !== 'undefined') return store.waitForFirstAnswer();
  throw new Error('useSuspenseSession() needs <SessionProvider session={getSessionView()}>');
}
