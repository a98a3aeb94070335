import { setTimeout as sleep } from 'node:timers/promises';
import { initTRPC, TRPCError, tracked } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import superjson from 'superjson';
import { createSessions, matches, type SessionsOptions } from 'trpc-session';
import { createTrpcSession } from 'trpc-session/trpc';
import { z } from 'zod';
import { ada, createSpiedStore, accountSchema as schema, secret } from '../../_support/sessions.ts';

const patch = z.object({ visits: z.number() });
type Options = Partial<
  Omit<SessionsOptions<typeof schema, { name: string }, typeof patch>, 'schema' | 'view' | 'patch'>
>;

/** How often a stream of the test app reads its session. */
export const watchEveryMs = 100;

/**
 * Creates a manager and a memory store that records its calls. The clock is real, because streams wait in real time.
 */
export function createTestSessions(options: Options = {}) {
  const { store, calls } = createSpiedStore(Date);
  const sessions = createSessions({
    schema,
    subject: (data) => data.userId,
    view: ({ name }) => ({ name }),
    patch,
    store,
    secret,
    watchEvery: watchEveryMs,
    ...options,
  });
  return { sessions, store, calls };
}

/** The methods of the store that write. */
export const writes: ReadonlySet<string> = new Set(['start', 'replace', 'regenerate', 'destroy', 'revoke']);

const slowInput = z.object({ name: z.string() });

/**
 * Creates the app under test. `direct` calls each method at once, `slow` after an input and a delay, as a real sign-in.
 */
export function createTestApp(options: Options = {}) {
  const { sessions, store, calls } = createTestSessions(options);
  const { createContext, requireSession, createSessionProcedures, createErrorFormatter } = createTrpcSession(sessions);
  const t = initTRPC
    .context<typeof createContext>()
    .create({ transformer: superjson, errorFormatter: createErrorFormatter() });
  const slow = t.procedure.input(slowInput).use(async ({ next }) => {
    await sleep(5);
    return next();
  });
  const guarded = t.procedure.use(requireSession());
  const streams = { opened: 0, closed: 0 };
  const router = t.router({
    session: createSessionProcedures(t.procedure),
    hello: t.procedure.query(() => 'hello'),
    maybe: t.procedure.query(async ({ ctx }) => (await ctx.session.get())?.data.name ?? null),
    me: guarded.query(({ ctx }) => ctx.session.data.name),
    visits: guarded.query(({ ctx }) => ctx.session.data.visits),
    admin: t.procedure.use(requireSession(matches({ role: 'admin' }))).query(() => 'secrets'),
    fails: t.procedure.mutation(() => {
      throw new TRPCError({ code: 'NOT_FOUND', message: 'no' });
    }),
    direct: t.router({
      signIn: t.procedure.mutation(async ({ ctx }) => {
        await ctx.session.start(ada);
      }),
      signOut: t.procedure.mutation(({ ctx }) => ctx.session.destroy()),
      update: guarded.mutation(async ({ ctx }) => {
        await ctx.session.update(({ visits, ...data }) => ({ ...data, visits: visits + 1 }));
      }),
      regenerate: guarded.mutation(async ({ ctx }) => {
        await ctx.session.regenerate();
      }),
    }),
    slow: t.router({
      signIn: slow.mutation(async ({ ctx }) => {
        await sleep(5);
        await ctx.session.start(ada);
        await sleep(1);
      }),
      signOut: slow.mutation(async ({ ctx }) => {
        await sleep(5);
        return ctx.session.destroy();
      }),
      update: slow.use(requireSession()).mutation(async ({ ctx }) => {
        await sleep(5);
        await ctx.session.update(({ visits, ...data }) => ({ ...data, visits: visits + 1 }));
      }),
      regenerate: slow.use(requireSession()).mutation(async ({ ctx }) => {
        await sleep(5);
        await ctx.session.regenerate();
      }),
    }),
    signInThenFail: slow.mutation(async ({ ctx }) => {
      await ctx.session.start(ada);
      throw new TRPCError({ code: 'CONFLICT', message: 'too late' });
    }),
    signInAs: t.procedure.input(z.string()).mutation(async ({ ctx, input }) => {
      await ctx.session.start({ ...ada, userId: input, name: input });
    }),
    upload: guarded.input(z.instanceof(FormData)).mutation(({ input }) => String(input.get('title'))),
    uploadBytes: guarded.input(z.instanceof(ReadableStream)).mutation(async ({ input }) => {
      return (await new Response(input as ReadableStream<Uint8Array>).bytes()).length;
    }),
    /** Yields one value, then waits for its abort signal. */
    quiet: guarded.subscription(async function* ({ signal }) {
      streams.opened += 1;
      try {
        yield 'open';
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      } finally {
        streams.closed += 1;
      }
    }),
    /** Yields one value, then waits forever and ignores its abort signal. */
    deaf: guarded.subscription(async function* () {
      yield 'open';
      await new Promise(() => {});
    }),
    busy: guarded.subscription(async function* ({ signal }) {
      streams.opened += 1;
      try {
        for (let count = 0; !signal?.aborted; count += 1) {
          yield tracked(String(count), count);
          await sleep(10);
        }
      } finally {
        streams.closed += 1;
      }
    }),
    observed: guarded.subscription(() =>
      observable<string>((observer) => {
        streams.opened += 1;
        observer.next('open');
        return () => {
          streams.closed += 1;
        };
      }),
    ),
    finite: guarded.subscription(async function* () {
      yield 1;
      yield 2;
    }),
    breaks: guarded.subscription(async function* () {
      yield 1;
      throw new TRPCError({ code: 'CONFLICT', message: 'broken' });
    }),
    signInOverStream: t.procedure.subscription(async function* ({ ctx }) {
      await ctx.session.start(ada);
      yield 'never';
    }),
    /** A query that streams. It waits for its abort signal. */
    drip: guarded.query(async function* ({ signal }) {
      yield 'open';
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    }),
    countdown: guarded.query(async function* () {
      yield 2;
      yield 1;
      return 'lift-off';
    }),
  });
  return { sessions, store, calls, streams, router, createContext, requireSession, t };
}

export type TestApp = ReturnType<typeof createTestApp>;
export type TestRouter = TestApp['router'];
