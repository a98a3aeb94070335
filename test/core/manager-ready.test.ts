import { memoryStore } from 'trpc-session/stores/memory';
import { bearer } from 'trpc-session/transports/header';
import { afterEach, expect, test, vi } from 'vitest';
import { ada, createAccountSessions } from '../_support/sessions.ts';

afterEach(() => vi.unstubAllEnvs());

test('ready() requires a secret if tokens travel in a cookie, but not if they travel in a header', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  const store = memoryStore({ production: true });
  const cookie = createAccountSessions({ secret: undefined, store });
  await expect(cookie.sessions.ready()).rejects.toMatchObject({ code: 'NOT_CONFIGURED' });
  const header = createAccountSessions({ secret: undefined, store, transport: bearer() });
  await expect(header.sessions.ready()).resolves.toEqual({ latencyMs: expect.any(Number) });
});

test('header names in a plain object may be written in any case', async () => {
  const { sessions } = createAccountSessions({ transport: bearer() });
  const { token } = await sessions.open({ headers: {} }).start(ada);
  for (const name of ['authorization', 'Authorization', 'AUTHORIZATION']) {
    expect((await sessions.open({ headers: { [name]: `Bearer ${token}` } }).get())?.data.name).toBe('Ada');
  }
});
