import { randomUUID } from 'node:crypto';
import { createSessions } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import { memoryStore } from 'trpc-session/stores/memory';
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

const { deleteSession, requireSession, setSession, updateSession } = createNextSession(
  createSessions({
    schema: z.object({ userId: z.string() }),
    subject: (data) => data.userId,
    view: () => ({}),
    store: memoryStore({ name: randomUUID() }),
    secret: undefined,
  }),
);

beforeEach(async () => {
  request.headers = new Headers();
  request.jar.clear();
  await setSession({ userId: 'ada' });
});

/** The next request has these headers and the cookie, but no Origin and no Sec-Fetch-Site unless they are given. */
function receive(headers: Readonly<Record<string, string>>): void {
  request.headers = new Headers(headers);
}

test('a content type alone does not make a request a write', async () => {
  receive({ 'content-type': 'application/json' });
  expect((await requireSession()).data.userId).toBe('ada');
});

test.each<Readonly<Record<string, string>>>([
  { 'content-length': '0' },
  { 'content-length': '11', 'content-type': 'application/x-www-form-urlencoded' },
  { 'content-length': '11', 'content-type': 'text/plain' },
  { 'transfer-encoding': 'chunked', 'content-type': 'application/json' },
  { 'next-action': '00', 'content-type': 'text/plain' },
  { origin: 'https://elsewhere.example', host: 'shop.example' },
  { origin: 'null', host: 'shop.example' },
  { 'content-length': '11', 'sec-fetch-site': 'cross-site' },
  { 'content-length': '11', 'sec-fetch-site': 'same-site' },
])('a request with a cookie and %j is refused as a cross-site write', async (headers) => {
  for (const act of [requireSession, () => updateSession({ userId: 'ada' }), deleteSession]) {
    receive(headers);
    await expect(act()).rejects.toMatchObject({ code: 'CROSS_SITE' });
  }
  receive({});
  expect((await requireSession()).data.userId).toBe('ada');
});

test('a write from the own origin is allowed', async () => {
  receive({ origin: 'https://shop.example', host: 'shop.example', 'content-length': '11' });
  expect((await requireSession()).data.userId).toBe('ada');
});
