import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import { isSessionError } from 'trpc-session';
import { beforeEach, describe, expect, test } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { createTestApp, type TestApp, watchEveryMs, writes } from './_support/app.ts';

let app: TestApp;

beforeEach(() => {
  app = createTestApp();
});

/** Creates a server-side caller, signed in or signed out. */
async function createCaller({ signedIn = false, outage = false } = {}) {
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

/** Returns the `TRPCError` of a call that must fail. */
async function catchError(call: Promise<unknown>): Promise<TRPCError> {
  const error = await call.then(
    () => new Error('The call was expected to fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof TRPCError) return error;
  throw error;
}

const refusals = [
  { name: 'a signed-out user', by: {}, call: 'me', code: 'UNAUTHORIZED', reason: 'missing' },
  {
    name: 'a user whom a verifier refuses',
    by: { signedIn: true },
    call: 'admin',
    code: 'FORBIDDEN',
    reason: 'refused',
  },
  {
    name: 'a user while the store is unavailable',
    by: { signedIn: true, outage: true },
    call: 'me',
    code: 'SERVICE_UNAVAILABLE',
    reason: 'unavailable',
  },
] as const;

describe('a server-side caller', () => {
  test.each(refusals)('refuses $name with the code $code', async ({ by, call, code, reason }) => {
    const error = await catchError((await createCaller(by))[call]());
    expect(error.code).toBe(code);
    expect(error.cause).toMatchObject({ name: 'SessionError', reason });
    expect(error.message).not.toMatch(/down/);
  });

  test('runs the calls of a signed-in user', async () => {
    const calls = await createCaller({ signedIn: true });
    expect(await calls.me()).toBe('Ada');
    expect(await calls.session.get()).toMatchObject({ status: 'authenticated', data: { name: 'Ada' } });
    await calls.direct.update();
    expect(await calls.visits()).toBe(1);
  });

  test.each(['get', 'list'] as const)(
    'session.%s rejects with SERVICE_UNAVAILABLE while the store is unavailable',
    async (procedure) => {
      const error = await catchError((await createCaller({ signedIn: true, outage: true })).session[procedure]());
      expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause: { reason: 'unavailable' } });
    },
  );

  test('cannot regenerate, because no response could carry the new token', async () => {
    const error = await catchError((await createCaller({ signedIn: true })).direct.regenerate());
    expect(error).toMatchObject({ code: 'BAD_REQUEST', cause: { code: 'COOKIE_UNWRITABLE' } });
    expect(error.message).toContain('This call has no response to put a cookie on');
    expect(app.calls.filter((call) => writes.has(call))).toEqual([]);
  });

  test('cannot sign in, and the error of the public procedure says why', async () => {
    const error = await catchError((await createCaller()).direct.signIn());
    expect(isSessionError(error.cause)).toBe(true);
    expect(error).toMatchObject({
      message: expect.stringContaining('no response'),
      cause: { code: 'COOKIE_UNWRITABLE' },
    });
    expect(app.calls).toEqual([]);
  });

  test('signs out, and returns that the cookie was not cleared', async () => {
    const calls = await createCaller({ signedIn: true });
    expect(await calls.session.destroy()).toEqual({ cookieCleared: false });
    expect(await app.sessions.of('ada').list()).toEqual([]);
    await expect(calls.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('gets an error from a subscription whose session was revoked', async () => {
    const stream = await (await createCaller({ signedIn: true })).deaf();
    const iterator = stream[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 'open' });
    const end = iterator.next();
    await app.sessions.of('ada').revokeAll();
    await expect(end).rejects.toMatchObject({ code: 'UNAUTHORIZED', cause: { reason: 'expired' } });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('stops the session reads of a subscription that it returns early', async () => {
    const stream = await (await createCaller({ signedIn: true })).deaf();
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
