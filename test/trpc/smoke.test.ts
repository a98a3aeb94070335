import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import superjson from 'superjson';
import { createSessions, freshWithin, matches } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { redisStore } from 'trpc-session/stores/redis';
import { createTrpcSession } from 'trpc-session/trpc';
import { expect, test } from 'vitest';
import { z } from 'zod';

for (const store of [memoryStore(), redisStore('redis://127.0.0.1:6399/0')]) {
  test(`round trip ${store.name}`, async () => {
    const sessions = createSessions({
      schema: z.object({
        userId: z.string(),
        name: z.string(),
        role: z.enum(['member', 'admin']),
        theme: z.enum(['light', 'dark']),
      }),
      subject: (data) => data.userId,
      view: ({ name, role, theme }) => ({ name, role, theme }),
      patch: z.object({ theme: z.enum(['light', 'dark']) }),
      store,
      secret: undefined,
      onEvent: (e) => console.log(e),
    });
    const { createContext, requireSession, sessionProcedures, sessionErrors } = createTrpcSession(sessions);
    const t = initTRPC
      .context<typeof createContext>()
      .create({ transformer: superjson, errorFormatter: sessionErrors() });
    const prot = t.procedure.use(requireSession());
    const router = t.router({
      session: sessionProcedures(t.procedure),
      signIn: t.procedure.input(z.string()).mutation(async ({ ctx, input }) => {
        await ctx.session.start({ userId: input, name: input, role: 'member', theme: 'light' });
      }),
      me: prot.query(({ ctx }) => ctx.session.data.name),
      admin: t.procedure.use(requireSession(matches({ role: 'admin' }))).query(({ ctx }) => {
        const r: 'admin' = ctx.session.data.role;
        return r;
      }),
      fresh: t.procedure.use(requireSession(freshWithin(1))).query(() => 'x'),
    });
    let cookie = '';
    const client = createTRPCClient<typeof router>({
      links: [
        httpBatchLink({
          url: 'http://localhost/api',
          transformer: superjson,
          fetch: async (url, init) => {
            const res = await fetchRequestHandler({
              endpoint: '/api',
              router,
              req: new Request(url as string, {
                ...(init as RequestInit),
                headers: { ...(init?.headers as object), cookie, 'sec-fetch-site': 'same-origin' },
              }),
              createContext,
            });
            for (const line of res.headers.getSetCookie()) {
              console.log(line);
              cookie = line.split(';')[0] ?? '';
            }
            return res;
          },
        }),
      ],
    });
    expect(await client.session.get.query()).toMatchObject({ status: 'unauthenticated' });
    await expect(client.me.query()).rejects.toMatchObject({
      data: { code: 'UNAUTHORIZED', session: { reason: 'missing' } },
    });
    await client.signIn.mutate('ada');
    expect(await client.me.query()).toBe('ada');
    expect(await client.session.set.mutate({ theme: 'dark' })).toMatchObject({ data: { theme: 'dark' }, revision: 2 });
    expect(await client.session.list.query()).toHaveLength(1);
    await expect(client.admin.query()).rejects.toMatchObject({
      data: { code: 'FORBIDDEN', session: { reason: 'refused' } },
    });
    await expect(client.fresh.query()).rejects.toMatchObject({
      data: { code: 'UNAUTHORIZED', session: { reason: 'stale' } },
    });
    const old = cookie;
    await client.signIn.mutate('ada');
    expect(await client.session.list.query()).toHaveLength(1);
    const fresh = cookie;
    cookie = old;
    await expect(client.me.query()).rejects.toMatchObject({ data: { session: { reason: 'expired' } } });
    cookie = fresh;
    await client.signIn.mutate('grace');
    expect(await client.me.query()).toBe('grace');
    expect(await client.session.destroy.mutate()).toEqual({ cookieCleared: true });
    await expect(client.me.query()).rejects.toMatchObject({ data: { session: { reason: 'missing' } } });
    cookie = fresh;
    await expect(client.me.query()).rejects.toMatchObject({ data: { session: { reason: 'expired' } } });
  });
}
