import { randomUUID } from 'node:crypto';
import { createSessions } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import { memoryStore } from 'trpc-session/stores/memory';
import { cookie } from 'trpc-session/transports/cookie';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';

const set = vi.hoisted(() => vi.fn());

/** A test cannot enter a request of Next, so its headers and cookies are replaced. */
vi.mock('next/headers.js', () => ({
  headers: async () => new Headers(),
  cookies: async () => ({ get: () => undefined, set }),
}));

test('passes every option of the cookie on to Next', async () => {
  const transport = cookie({
    path: '/shop',
    domain: 'shop.example',
    sameSite: 'none',
    partitioned: true,
    priority: 'high',
    maxAge: '1h',
  });
  const sessions = createSessions({
    schema: z.object({ userId: z.string() }),
    view: () => null,
    store: memoryStore({ name: randomUUID() }),
    secret: undefined,
    transport,
  });
  await createNextSession(sessions).setSession({ userId: 'ada' });
  expect(set).toHaveBeenLastCalledWith('__Secure-ssid', expect.stringMatching(/^Fe26/), {
    httpOnly: true,
    secure: true,
    sameSite: 'none',
    path: '/shop',
    domain: 'shop.example',
    partitioned: true,
    priority: 'high',
    maxAge: 3600,
  });
});
