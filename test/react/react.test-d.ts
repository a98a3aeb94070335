import { createTRPCClient } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import type { ReactNode } from 'react';
import superjson from 'superjson';
import { z } from 'zod';
import { type AuthenticatedView, createSessions, type SessionView } from '../../src/index.ts';
import { createReactSession } from '../../src/react.ts';

const schema = z.object({
  userId: z.string(),
  name: z.string(),
  role: z.enum(['member', 'admin']),
  theme: z.enum(['light', 'dark']),
});

const sessions = createSessions({
  schema,
  store: undefined,
  secret: undefined,
  subject: (data) => data.userId,
  view: ({ name, role, theme }) => ({ name, role, theme }),
  patch: z.object({ theme: z.enum(['light', 'dark']) }),
});

const viewOnly = createSessions({ schema, store: undefined, secret: undefined, view: ({ name }) => ({ name }) });

interface View {
  readonly name: string;
  readonly role: 'member' | 'admin';
  readonly theme: 'light' | 'dark';
}

interface Patch {
  readonly theme: 'light' | 'dark';
}

const { SessionProvider, useSession, useSuspenseSession, useSetSession } = createReactSession<typeof sessions>();

/** Asserts that a value is of a type, and of no wider one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>(): void => {};

export function statusNarrowsData(): void {
  const { status, data, id, error } = useSession();
  if (status === 'authenticated') {
    const name: string = data.name;
    const who: string = id;
    holds<Same<typeof data.theme, 'light' | 'dark'>>();
    // @ts-expect-error: the browser does not see it
    data.userId;
    void [name, who];
  }
  if (status === 'unauthenticated' || status === 'loading') holds<Same<typeof data, null>>();
  if (status === 'unavailable') {
    // @ts-expect-error: nothing may be known
    data.name;
    holds<Same<typeof error, unknown>>();
  }
  // @ts-expect-error: nothing may be known
  data.name;
  // @ts-expect-error: not one of the four
  if (status === 'signed-in') return;
}

export function theSettledHookIsNeverLoading(): void {
  const session = useSuspenseSession();
  holds<Same<typeof session.status, 'authenticated' | 'unauthenticated' | 'unavailable'>>();
  const refreshed: Promise<void> = session.refetch();
  void refreshed;
}

export function onlyThePatchIsTaken(): void {
  const { setSession, isPending } = useSetSession();
  const view: Promise<{ name: string }> = setSession({ theme: 'dark' });
  void setSession(({ theme }) => ({ theme: theme === 'dark' ? 'light' : 'dark' }));
  // @ts-expect-error: not in the patch
  void setSession({ role: 'admin' });
  // @ts-expect-error: not a theme
  void setSession({ theme: 'red' });
  // @ts-expect-error: a function makes a patch
  void setSession(() => ({ theme: 'red' }));
  // @ts-expect-error: the state of the hook is read only
  useSetSession().isPending = true;
  void [view, isPending];
}

export function withoutAPatchNothingIsTaken(): void {
  const { setSession } = createReactSession<typeof viewOnly>().useSetSession();
  // @ts-expect-error: nothing may be changed
  void setSession({ name: 'Bob' });
  // @ts-expect-error: not by a function either
  void setSession(() => ({ name: 'Bob' }));
}

const get = async (): Promise<SessionView<View>> => ({ status: 'unauthenticated', at: 0 });
const set = async (_: Patch): Promise<AuthenticatedView<View>> => Promise.reject(new Error());

export function twoActionsAreAClient(): ReactNode[] {
  return [
    SessionProvider({ client: { get, set }, session: get() }),
    SessionProvider({ client: { get, set }, session: undefined, onIdentityChange: (next) => next.status }),
    SessionProvider({ client: { get, set }, channel: 'mine', children: 'app' }),
    createReactSession<typeof viewOnly>().SessionProvider({
      client: { get: async () => ({ status: 'unauthenticated', at: 0 }) },
    }),
    // @ts-expect-error: a client has both
    SessionProvider({ client: { get } }),
    // @ts-expect-error: set takes the patch
    SessionProvider({ client: { get, set: async (_: { role: string }) => set({ theme: 'dark' }) } }),
    // @ts-expect-error: set answers the view
    SessionProvider({ client: { get, set: async (_: Patch) => {} } }),
    // @ts-expect-error: there is no session without a client
    SessionProvider({ session: get() }),
  ];
}

export function aTrpcClientIsAClient(): ReactNode[] {
  const plain = initTRPC.create();
  const rich = initTRPC.create({ transformer: superjson });
  const patch = z.object({ theme: z.enum(['light', 'dark']) });
  const plainRouter = plain.router({
    session: plain.router({
      get: plain.procedure.query(get),
      set: plain.procedure.input(patch).mutation(({ input }) => set(input)),
    }),
  });
  const richRouter = rich.router({
    session: rich.router({
      get: rich.procedure.query(get),
      set: rich.procedure.input(patch).mutation(({ input }) => set(input)),
      destroy: rich.procedure.mutation(() => null),
    }),
    other: rich.router({ get: rich.procedure.query(() => 'other') }),
  });
  const plainClient = createTRPCClient<typeof plainRouter>({ links: [] });
  const richClient = createTRPCClient<typeof richRouter>({ links: [] });
  return [
    SessionProvider({ client: plainClient.session }),
    SessionProvider({ client: richClient.session }),
    createReactSession<typeof viewOnly>().SessionProvider({ client: richClient.session }),
    // @ts-expect-error: the whole client is not its session
    SessionProvider({ client: richClient }),
    // @ts-expect-error: another router
    SessionProvider({ client: richClient.other }),
  ];
}

export async function aSnapshotIsNoView(headers: Headers): Promise<ReactNode[]> {
  const session = sessions.open({ headers, method: 'GET' });
  const snapshot = await session.get();
  return [
    SessionProvider({ client: { get, set }, session: session.view() }),
    // @ts-expect-error: the whole session never goes to the browser
    SessionProvider({ client: { get, set }, session: snapshot }),
    // @ts-expect-error: nor a promise of it
    SessionProvider({ client: { get, set }, session: session.get() }),
    // @ts-expect-error: nor the view of another manager
    SessionProvider({ client: { get, set }, session: viewOnly.open({ headers, method: 'GET' }).view() }),
  ];
}
