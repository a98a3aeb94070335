import { createTRPCClient } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import type { ReactNode } from 'react';
import superjson from 'superjson';
import { type AuthenticatedView, createSessions, type SessionView } from 'trpc-session';
import { createReactSession, type RefetchError } from 'trpc-session/react';
import { createTestSession } from 'trpc-session/testing';
import { z } from 'zod';

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

/** Whether two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>(): void => {};

export function statusNarrowsData(): void {
  const { status, data, id, error } = useSession();
  if (status === 'authenticated') {
    const name: string = data.name;
    const sessionId: string = id;
    holds<Same<typeof data.theme, 'light' | 'dark'>>();
    // @ts-expect-error: not in the view
    data.userId;
    void [name, sessionId];
  }
  if (status === 'unauthenticated' || status === 'loading') holds<Same<typeof data, null>>();
  if (status === 'unavailable') {
    holds<Same<typeof data, null>>();
    holds<Same<typeof error, RefetchError>>();
  }
  // @ts-expect-error: the user may be signed out
  data.name;
  // @ts-expect-error: no status
  if (status === 'signed-in') return;
}

export function aSelectorNarrowsWhatIsReturned(): void {
  const theme = useSession((session) => session.data?.theme);
  holds<Same<typeof theme, 'light' | 'dark' | undefined>>();
  // @ts-expect-error: not in the view
  useSession((session) => session.data?.userId);
}

export function useSuspenseSessionIsNeverLoading(): void {
  const session = useSuspenseSession();
  holds<Same<typeof session.status, 'authenticated' | 'unauthenticated' | 'unavailable'>>();
  const refetched: Promise<void> = session.refetch();
  void refetched;
}

export function setSessionAcceptsOnlyPatches(): void {
  const { setSession, isPending } = useSetSession();
  const view: Promise<{ name: string }> = setSession({ theme: 'dark' });
  void setSession(({ theme }) => ({ theme: theme === 'dark' ? 'light' : 'dark' }));
  // @ts-expect-error: in the view, but not in the patch schema
  void setSession({ role: 'admin' });
  // @ts-expect-error: one field is in the patch schema, the other is not
  void setSession({ theme: 'dark', role: 'admin' });
  // @ts-expect-error: in the session data, but not in the view or the patch schema
  void setSession({ userId: 'u2' });
  // @ts-expect-error: theme is required
  void setSession({});
  // @ts-expect-error: not a theme
  void setSession({ theme: 'red' });
  // @ts-expect-error: the function must return a patch
  void setSession(() => ({ theme: 'red' }));
  // @ts-expect-error: read-only
  useSetSession().isPending = true;
  void [view, isPending];
}

export function withoutAPatchSchemaNothingIsAccepted(): void {
  const { setSession } = createReactSession<typeof viewOnly>().useSetSession();
  // @ts-expect-error: nothing may be changed
  void setSession({ name: 'Bob' });
  // @ts-expect-error: not by a function either
  void setSession(() => ({ name: 'Bob' }));
}

const get = async (): Promise<SessionView<View>> => ({ status: 'unauthenticated', at: 0 });
const set = async (_: Patch): Promise<AuthenticatedView<View>> => Promise.reject(new Error());

export function aClientMayBeTwoActions(): ReactNode[] {
  return [
    SessionProvider({ client: { get, set }, session: get() }),
    SessionProvider({ client: { get, set }, session: undefined, onIdentityChange: (next) => next.status }),
    SessionProvider({ client: { get, set, destroy: async () => {}, touch: get }, channel: 'mine', children: 'app' }),
    SessionProvider({ client: { get, set }, refetchEvery: 60_000, refetchOnFocus: false, keepAlive: true }),
    SessionProvider({ client: { get, set }, onExpiring: (leftMs) => leftMs?.toFixed(), warnBefore: 120_000 }),
    createReactSession<typeof viewOnly>().SessionProvider({
      client: { get: async () => ({ status: 'unauthenticated', at: 0 }) },
    }),
    // @ts-expect-error: set is missing
    SessionProvider({ client: { get } }),
    // @ts-expect-error: set must accept the patch
    SessionProvider({ client: { get, set: async (_: { role: string }) => set({ theme: 'dark' }) } }),
    // @ts-expect-error: set must return the view
    SessionProvider({ client: { get, set: async (_: Patch) => {} } }),
    // @ts-expect-error: the client is missing
    SessionProvider({ session: get() }),
  ];
}

export function aClientMayBeTheSessionProceduresOfTrpc(): ReactNode[] {
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
    // @ts-expect-error: the root client; its session procedures are expected
    SessionProvider({ client: richClient }),
    // @ts-expect-error: another router
    SessionProvider({ client: richClient.other }),
  ];
}

export async function theSessionPropAcceptsOnlyViews(headers: Headers): Promise<ReactNode[]> {
  const session = sessions.open({ headers, method: 'GET' });
  const snapshot = await session.get();
  return [
    SessionProvider({ client: { get, set }, session: session.view() }),
    // @ts-expect-error: a snapshot has data that the browser must not see
    SessionProvider({ client: { get, set }, session: snapshot }),
    // @ts-expect-error: a promise of a snapshot
    SessionProvider({ client: { get, set }, session: session.get() }),
    // @ts-expect-error: the view of another manager
    SessionProvider({ client: { get, set }, session: viewOnly.open({ headers, method: 'GET' }).view() }),
  ];
}

export function aTestSessionFitsTheView(): ReactNode[] {
  return [
    SessionProvider(createTestSession({ name: 'Ada', role: 'admin', theme: 'dark' })),
    SessionProvider({ ...createTestSession(null), session: new Promise(() => {}) }),
    createReactSession<typeof viewOnly>().SessionProvider(createTestSession({ name: 'Ada' })),
    // @ts-expect-error: not a theme
    SessionProvider(createTestSession({ name: 'Ada', role: 'admin', theme: 'red' })),
    // @ts-expect-error: the theme is missing
    SessionProvider(createTestSession({ name: 'Ada', role: 'admin' })),
  ];
}
