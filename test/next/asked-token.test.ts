import { randomUUID } from 'node:crypto';
import { createSessions, first } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import { memoryStore } from 'trpc-session/stores/memory';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer } from 'trpc-session/transports/header';
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

const request = vi.hoisted(() => ({ jar: new Map<string, { value: string }>(), headers: new Headers() }));

/** A test cannot enter a request of Next, so its headers and cookies are replaced. */
vi.mock('next/headers.js', () => ({
  headers: async () => request.headers,
  cookies: async () => ({
    get: (name: string) => request.jar.get(name),
    set: (name: string, value: string) => request.jar.set(name, { value }),
  }),
}));

const store = memoryStore({ name: randomUUID() });
const { createContext, setSession } = createNextSession(
  createSessions({
    schema: z.object({ userId: z.string() }),
    subject: (data) => data.userId,
    view: () => ({}),
    store,
    secret: undefined,
    transport: first(cookie(), bearer()),
  }),
);

beforeEach(() => {
  request.headers = new Headers({ 'session-transport': 'bearer', 'content-length': '2' });
  request.jar.clear();
});

test('a client that asks for a token gets it in the response of the tRPC handler, and no cookie', async () => {
  const resHeaders = new Headers();
  const { session } = await createContext({ resHeaders, req: new Request('https://shop.example', { method: 'POST' }) });
  const { token } = await session.start({ userId: 'ada' });
  expect(resHeaders.get('session-token')).toBe(token);
  expect(resHeaders.get('cache-control')).toBe('private, no-store');
  expect(request.jar.size).toBe(0);
});

test('a client that asks for a token cannot sign in with a server action, which cannot set the header', async () => {
  const start = vi.spyOn(store, 'start');
  await expect(setSession({ userId: 'ada' })).rejects.toMatchObject({
    code: 'COOKIE_UNWRITABLE',
    message: expect.stringContaining('do this in a tRPC mutation'),
  });
  expect(start).not.toHaveBeenCalled();
});
