import { randomUUID } from 'node:crypto';
import { createHeadersSink, createSessions } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import { memoryStore } from 'trpc-session/stores/memory';
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

const fault = vi.hoisted(() => ({ error: undefined as Error | undefined }));

/** The real functions, which throw here, because this test is no request of Next. One test replaces the error. */
vi.mock('next/headers.js', async (importOriginal) => {
  const original = await importOriginal<typeof import('next/headers.js')>();
  return {
    ...original,
    headers: async () => {
      if (fault.error) throw fault.error;
      return original.headers();
    },
  };
});

const sessions = createSessions({
  schema: z.object({ userId: z.string() }),
  subject: (data) => data.userId,
  view: () => ({}),
  store: memoryStore({ name: randomUUID() }),
  secret: undefined,
});
const { createContext, getSession } = createNextSession(sessions);

async function signIn(): Promise<Headers> {
  const response = new Headers();
  await sessions.open({ headers: {} }, createHeadersSink(response)).start({ userId: 'ada' });
  return new Headers({ cookie: response.getSetCookie()[0]?.split(';')[0] ?? '' });
}

afterEach(() => {
  fault.error = undefined;
});

test('createContext without a request is signed out, and a sign-in says that there is no response', async () => {
  const { session } = await createContext();
  expect(await session.get()).toBeNull();
  await expect(session.require()).rejects.toMatchObject({ code: 'MISSING' });
  await expect(session.start({ userId: 'ada' })).rejects.toMatchObject({ code: 'COOKIE_UNWRITABLE' });
});

test('createContext with a request has its session', async () => {
  const { session } = await createContext({ req: { headers: await signIn() } });
  expect((await session.get())?.data.userId).toBe('ada');
});

test('createContext for a subscription reads the store every time', async () => {
  const info = { calls: [{}], type: 'subscription' } as const;
  const { session } = await createContext({ req: { headers: await signIn() }, info });
  expect((await session.get())?.data.userId).toBe('ada');
  await sessions.of('ada').revokeAll();
  expect(await session.get()).toBeNull();
});

test('createContext does not ignore the error of a cached function, with or without a request', async () => {
  const req = { headers: await signIn() };
  fault.error = new Error('Route /shop used `headers()` inside a function cached with `unstable_cache()`.');
  await expect(createContext()).rejects.toBe(fault.error);
  await expect(createContext({ req })).rejects.toBe(fault.error);
});

test('the other functions need a request of Next', async () => {
  await expect(getSession()).rejects.toThrow('outside a request scope');
});
