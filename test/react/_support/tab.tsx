import * as React from 'react';
import { act, type ReactNode } from 'react';
import { createReactSession, type SessionProviderProps, type SessionState, type SetSession } from 'trpc-session/react';
import { vi } from 'vitest';
import { FakeChannel } from './fake-channel.ts';
import { createFakeClient, type FakeClient, flush } from './fake-client.ts';
import { mount, unmountAll } from './render.tsx';
import type { Patch, sessions, View } from './sessions.ts';

type Source = SessionProviderProps<View, Patch>['session'];
type Change = Parameters<SetSession<View, Patch>['setSession']>[0];
type TabOptions = Omit<SessionProviderProps<View, Patch>, 'client' | 'children'>;

/** Before React 19.2, which has `<Activity>`, a hidden part is unmounted. */
const Activity = React.Activity ?? (({ mode, children }) => (mode === 'hidden' ? null : children));

/** One tab of a browser: a page with one provider, and a component that calls `useSession` and `useSetSession`. */
export interface Tab {
  readonly client: FakeClient;
  /** What `useSession` returned in each render. */
  readonly states: readonly SessionState<View>[];
  /** What `useSession` returned in the last render. */
  session(): SessionState<View>;
  /** Renders the provider with another `session`. */
  receive(session: Source): Promise<void>;
  /** Calls `refetch`. The promise is in an object, or awaiting the call would await the response too. */
  refetch(): Promise<{ readonly done: Promise<void> }>;
  /** Calls `touch`. */
  touch(): Promise<{ readonly done: Promise<void> }>;
  /** Calls `setSession`. */
  change(change: Change): Promise<{ readonly done: Promise<View> }>;
  /** Renders the provider with other props. */
  update(changes: TabOptions): Promise<void>;
  /** Stops the effects of the provider, as when its part of the page is hidden. */
  hide(): Promise<void>;
  show(): Promise<void>;
}

/** Opens a tab. Each has its own `createReactSession`, as each tab of a browser runs its own modules. */
export async function openTab(options: TabOptions = {}): Promise<Tab> {
  const { SessionProvider, useSession, useSetSession } = createReactSession<typeof sessions>();
  const client = createFakeClient();
  const states: SessionState<View>[] = [];
  const setters: SetSession<View, Patch>[] = [];
  function Probe(): ReactNode {
    states.push(useSession());
    setters.push(useSetSession());
    return null;
  }
  // One element for all renders, so that the component renders again only if a hook makes it.
  const probe = <Probe />;
  const props = { ...options };
  let mode: 'visible' | 'hidden' = 'visible';
  const toNode = () => (
    <Activity mode={mode}>
      <SessionProvider {...props} client={client}>
        {probe}
      </SessionProvider>
    </Activity>
  );
  const page = await mount(toNode());
  const update = async (changes: TabOptions, nextMode = mode) => {
    Object.assign(props, changes);
    mode = nextMode;
    await page.render(toNode());
  };
  return {
    client,
    states,
    session: () => getLast(states),
    receive: (session) => update({ session }),
    refetch: () => run(() => getLast(states).refetch()),
    touch: () => run(() => getLast(states).touch()),
    change: (change) => run(() => getLast(setters).setSession(change)),
    update: (changes) => update(changes),
    hide: () => update({}, 'hidden'),
    show: () => update({}, 'visible'),
  };
}

/** Replaces BroadcastChannel, for tests that open tabs. */
export function stubChannels(): void {
  vi.stubGlobal('BroadcastChannel', FakeChannel);
}

/** Closes all tabs. */
export async function closeTabs(): Promise<void> {
  await unmountAll();
  FakeChannel.reset();
  vi.unstubAllGlobals();
}

/** Lets time pass, with everything that becomes due and everything that waits only for promises. */
export async function advanceTime(ms: number): Promise<void> {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
    await flush();
  });
}

/** Dispatches an event on the window, and lets everything run that it starts. */
export async function dispatch(event: Event): Promise<void> {
  await act(async () => {
    window.dispatchEvent(event);
    await flush();
  });
}

/** Calls a function as an event handler would, and lets everything run that it starts. */
async function run<Result>(call: () => Promise<Result>): Promise<{ readonly done: Promise<Result> }> {
  return act(async () => {
    const done = call();
    await flush();
    return { done };
  });
}

function getLast<Item>(items: readonly Item[]): Item {
  const last = items.at(-1);
  if (last === undefined) throw new Error('The page has not been rendered.');
  return last;
}
