import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import { isSessionError } from 'trpc-session';
import { beforeEach, describe, expect, test } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { type TestApp, testApp, watchEveryMs, writes } from './_support/app.ts';

let app: TestApp;

beforeEach(() => {
  app = testApp();
});

/** A server-side caller of somebody who signed in earlier, or of nobody. */
async function caller({ signedIn = false, outage = false } = {}) {
  const cookies = new Headers();
  if (signedIn) {
    await app.createContext({ req: { headers: {}, method: 'POST' }, resHeaders: cookies }).session.start(ada);
  }
  const headers = new Headers({
    cookie: cookies
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; '),
  });
  const context = app.createContext(signedIn ? { req: { headers } } : undefined);
  if (outage) app.store.read = () => Promise.reject(new Error(`down ${randomUUID()}`));
  app.calls.length = 0;
  return app.router.createCaller(context);
}

/** The error of a call that must fail: one of tRPC's own class. */
async function failure(call: Promise<unknown>): Promise<TRPCError> {
  const error = await call.then(
    () => new Error('The call was expected to fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof TRPCError) return error;
  throw error;
}

const refusals = [
  { name: 'nobody', by: {}, call: 'me', code: 'UNAUTHORIZED', reason: 'missing' },
  {
    name: 'somebody whom a verifier refuses',
    by: { signedIn: true },
    call: 'admin',
    code: 'FORBIDDEN',
    reason: 'refused',
  },
  {
    name: 'anybody while the store is down',
    by: { signedIn: true, outage: true },
    call: 'me',
    code: 'SERVICE_UNAVAILABLE',
    reason: 'unavailable',
  },
] as const;

describe('a server-side caller', () => {
  test.each(refusals)('turns $name away with the code $code', async ({ by, call, code, reason }) => {
    const error = await failure((await caller(by))[call]());
    expect(error.code).toBe(code);
    expect(error.cause).toMatchObject({ name: 'SessionError', reason });
    expect(error.message).not.toMatch(/down/);
  });

  test('answers a request of somebody', async () => {
    const calls = await caller({ signedIn: true });
    expect(await calls.me()).toBe('Ada');
    expect(await calls.session.get()).toMatchObject({ status: 'authenticated', data: { name: 'Ada' } });
    await calls.direct.update();
    expect(await calls.visits()).toBe(1);
  });

  test.each(['get', 'list'] as const)(
    'session.%s while the store is down is SERVICE_UNAVAILABLE',
    async (procedure) => {
      const error = await failure((await caller({ signedIn: true, outage: true })).session[procedure]());
      expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause: { reason: 'unavailable' } });
    },
  );

  test('regenerates nothing, because no response could carry the new token', async () => {
    const error = await failure((await caller({ signedIn: true })).direct.regenerate());
    expect(error).toMatchObject({ code: 'BAD_REQUEST', cause: { code: 'COOKIE_UNWRITABLE' } });
    expect(error.message).toContain('This call has no response to put a cookie on');
    expect(app.calls.filter((call) => writes.has(call))).toEqual([]);
  });

  test('signs nobody in, and the error that a public procedure passes on still says why', async () => {
    const error = await failure((await caller()).direct.signIn());
    expect(isSessionError(error.cause)).toBe(true);
    expect(error).toMatchObject({
      message: expect.stringContaining('no response'),
      cause: { code: 'COOKIE_UNWRITABLE' },
    });
    expect(app.calls).toEqual([]);
  });

  test('signs out, and says that the cookie stays', async () => {
    const calls = await caller({ signedIn: true });
    expect(await calls.session.destroy()).toEqual({ cookieCleared: false });
    expect(await app.sessions.of('ada').list()).toEqual([]);
    await expect(calls.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('has its subscription ended too', async () => {
    const stream = await (await caller({ signedIn: true })).deaf();
    const iterator = stream[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 'open' });
    const end = iterator.next();
    await app.sessions.of('ada').revokeAll();
    await expect(end).rejects.toMatchObject({ code: 'UNAUTHORIZED', cause: { reason: 'expired' } });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('that leaves a subscription early is heard at once', async () => {
    const stream = await (await caller({ signedIn: true })).deaf();
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    app.calls.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 3 * watchEveryMs));
    expect(app.calls).toEqual([]);
    await expect(Promise.race([waiting, Promise.resolve('waits')])).resolves.toBe('waits');
  });
});
