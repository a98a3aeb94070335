import { randomUUID } from 'node:crypto';
import { createSessions } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import { memoryStore } from 'trpc-session/stores/memory';
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

const next = vi.hoisted(() => ({
  jar: new Map<string, { value: string }>(),
  headers: new Headers(),
  cleared: [] as string[],
  connection: async () => {},
}));

/** Next 15 exports neither function. Undefined here, because a mock throws when a missing export is read. */
vi.mock('next/cache.js', () => ({ io: undefined, refresh: undefined }));
vi.mock('next/server.js', () => ({ connection: () => next.connection() }));
vi.mock('next/headers.js', () => ({
  headers: async () => next.headers,
  cookies: async () => ({
    get: (name: string) => next.jar.get(name),
    set: (name: string, value: string) => next.jar.set(name, { value }),
    delete: (name: string) => next.cleared.push(name),
  }),
}));

const { getSession, setSession, updateSession, deleteSession } = createNextSession(
  createSessions({
    schema: z.object({ userId: z.string(), theme: z.string() }),
    subject: (data) => data.userId,
    view: () => ({}),
    store: memoryStore({ name: randomUUID() }),
    secret: undefined,
  }),
);

beforeEach(async () => {
  next.headers = new Headers();
  next.connection = async () => {};
  next.cleared.length = 0;
  next.jar.clear();
  await setSession({ userId: 'ada', theme: 'light' });
});

test('without io, a session is opened only after connection() has ended prerendering', async () => {
  next.headers = new Headers();
  next.connection = () => new Promise(() => {});
  const outcome = await Promise.race([getSession(), new Promise((resolve) => setTimeout(resolve, 50, 'waiting'))]);
  expect(outcome).toBe('waiting');
});

test('without refresh, updateSession in a server action clears a cookie, so that Next renders the page again', async () => {
  next.headers = new Headers({ 'next-action': '00', origin: 'https://shop.example', host: 'shop.example' });
  expect((await updateSession({ theme: 'dark' })).data.theme).toBe('dark');
  expect(next.cleared).toEqual(['trpc-session-refresh']);
});

test('without refresh, updateSession in a route handler adds no cookie', async () => {
  next.headers = new Headers({ origin: 'https://shop.example', host: 'shop.example' });
  expect((await updateSession({ theme: 'dark' })).data.theme).toBe('dark');
  expect(next.cleared).toEqual([]);
});

test('for a signed-out user too, a server action that changes or ends the session makes Next render the page again', async () => {
  const action = { 'next-action': '00', origin: 'https://shop.example', host: 'shop.example' };
  next.jar.clear();
  next.headers = new Headers(action);
  await expect(updateSession({ theme: 'dark' })).rejects.toMatchObject({ code: 'MISSING' });
  expect(next.cleared).toEqual(['trpc-session-refresh']);
  next.headers = new Headers(action);
  await deleteSession();
  // Any cookie has this effect, also the session's own that is cleared.
  expect(next.jar.size).toBe(1);
});
