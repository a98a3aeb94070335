import { randomUUID } from 'node:crypto';
import { createSessions } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import { memoryStore } from 'trpc-session/stores/memory';
import { cookie } from 'trpc-session/transports/cookie';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';

const jar = vi.hoisted(() => new Map<string, { value: string }>());
const headers = vi.hoisted(() => new Headers());

/** A test cannot enter a request of Next, so its headers and cookies are replaced. */
vi.mock('next/headers.js', () => ({
  headers: async () => headers,
  cookies: async () => ({
    get: (name: string) => jar.get(name),
    set: (name: string, value: string) => jar.set(name, { value }),
  }),
}));

function createManager(name: string) {
  return createNextSession(
    createSessions({
      schema: z.object({ userId: z.string() }),
      subject: (data) => data.userId,
      view: () => ({}),
      store: memoryStore({ name: randomUUID() }),
      secret: undefined,
      transport: cookie({ name }),
    }),
  );
}

test('two managers that differ only in their cookie names do not share a session', async () => {
  const [users, admins] = [createManager('ssid'), createManager('admin')];
  await users.setSession({ userId: 'mallory' });
  expect((await users.requireSession()).data.userId).toBe('mallory');
  expect(await admins.getSession()).toBeNull();
  await expect(admins.requireSession()).rejects.toMatchObject({ code: 'MISSING' });
});
