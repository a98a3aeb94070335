import { bearer } from 'trpc-session/transports/header';
import { afterEach, expect, test, vi } from 'vitest';
import { createAccountSessions } from '../_support/sessions.ts';

afterEach(() => vi.unstubAllEnvs());

test('ready asks for a secret where a cookie needs one, and for none where tokens travel in a header', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  const { store } = createAccountSessions();
  const answering = { ...store, ping: async () => {} };
  const cookie = createAccountSessions({ secret: undefined, store: answering });
  await expect(cookie.sessions.ready()).rejects.toMatchObject({ code: 'NOT_CONFIGURED' });
  const header = createAccountSessions({ secret: undefined, store: answering, transport: bearer() });
  await expect(header.sessions.ready()).resolves.toEqual({ latencyMs: expect.any(Number) });
});

test('header names of a plain object may be written in any case', async () => {
  const { sessions } = createAccountSessions({ transport: bearer() });
  const { token } = await sessions
    .open({ headers: {} })
    .start({ userId: 'ada', name: 'Ada', role: 'member', visits: 0 });
  for (const name of ['authorization', 'Authorization', 'AUTHORIZATION']) {
    expect((await sessions.open({ headers: { [name]: `Bearer ${token}` } }).get())?.data.name).toBe('Ada');
  }
});
