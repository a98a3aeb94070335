// Slow: it starts a server
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC } from '@trpc/server';
import { createNextApiHandler } from '@trpc/server/adapters/next';
import { createSessions } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import { memoryStore } from 'trpc-session/stores/memory';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';

const sessions = createSessions({
  schema: z.object({ userId: z.string() }),
  subject: (data) => data.userId,
  view: () => ({}),
  store: memoryStore({ name: randomUUID() }),
  secret: undefined,
});
const { createContext } = createNextSession(sessions);
const t = initTRPC.context<typeof createContext>().create();
const router = t.router({
  signIn: t.procedure.mutation(async ({ ctx }) => {
    await ctx.session.start({ userId: 'ada' });
    return 'ada';
  }),
  who: t.procedure.query(async ({ ctx }) => (await ctx.session.get())?.data.userId ?? null),
});
const handle = createNextApiHandler({ router, createContext });
/** Next adds `query` to the request, with the path's parameters. */
const server = createServer((req, res) => {
  const trpc = new URL(req.url ?? '', 'http://localhost').pathname.slice(1).split('/');
  return handle(Object.assign(req, { query: { trpc } }) as never, res as never);
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());

test("createContext sets the cookie on the response of tRPC's Next adapter", async () => {
  const { port } = server.address() as AddressInfo;
  const visit = createBrowserFetch(new CookieJar(), `http://127.0.0.1:${port}`);
  const signedIn = await visit('/signIn', { method: 'POST', headers: { 'content-type': 'application/json' } });
  expect(await signedIn.json()).toEqual({ result: { data: 'ada' } });
  expect(signedIn.headers.getSetCookie()).toHaveLength(1);
  const read = await visit('/who');
  expect(await read.json()).toEqual({ result: { data: 'ada' } });
  expect(read.headers.get('cache-control')).toBe('private, no-store');
});
