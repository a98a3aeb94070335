import { randomUUID } from 'node:crypto';
import { initTRPC } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { type AuthenticatedView, createSessions, matches, type SessionView } from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { memoryStore } from 'trpc-session/stores/memory';
import { createSignedOutView, createTestClock, createTestView, faultyStore, signInAs } from 'trpc-session/testing';
import { bearer, header } from 'trpc-session/transports/header';
import { createTrpcSession } from 'trpc-session/trpc';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const ada = { userId: 'ada', role: 'member' } as const;

function createApp(store: SessionStore, options: { now?: () => number; transport?: ReturnType<typeof bearer> } = {}) {
  const sessions = createSessions({
    schema: z.object({ userId: z.string(), role: z.enum(['member', 'admin']) }),
    subject: (data) => data.userId,
    view: ({ role }) => ({ role }),
    store,
    secret: randomUUID(),
    ...options,
  });
  const { createContext, requireSession, createErrorFormatter, createSessionProcedures } = createTrpcSession(sessions);
  const t = initTRPC.context<typeof createContext>().create({ errorFormatter: createErrorFormatter() });
  const guarded = t.procedure.use(requireSession());
  const router = t.router({
    session: createSessionProcedures(t.procedure),
    whoAmI: guarded.query(({ ctx }) => ctx.session.data.userId),
    promote: guarded.mutation(async ({ ctx }) => (await ctx.session.update({ role: 'admin' })).data.role),
    secrets: t.procedure.use(requireSession(matches({ role: 'admin' }))).query(() => 'secrets'),
  });
  const call = (headers: Headers) => t.createCallerFactory(router)(createContext({ req: { headers, method: 'POST' } }));
  return { sessions, router, createContext, call };
}

const memory = () => memoryStore({ name: randomUUID() });

describe('signInAs', () => {
  test('gives headers that pass a guard in a caller', async () => {
    const { sessions, call } = createApp(memory());
    const { headers, session } = await signInAs(sessions, ada);
    expect(session.data).toEqual(ada);
    expect(await call(headers).whoAmI()).toBe('ada');
    await expect(call(headers).secrets()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(call(new Headers()).whoAmI()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('gives headers that may change the session', async () => {
    const { sessions, call } = createApp(memory());
    const { headers } = await signInAs(sessions, ada);
    expect(await call(headers).promote()).toBe('admin');
    expect(await call(headers).secrets()).toBe('secrets');
  });

  test('gives a cookie that passes a guard over HTTP', async () => {
    const { sessions, router, createContext } = createApp(memory());
    const { cookie } = await signInAs(sessions, ada);
    const req = new Request('http://localhost/api/whoAmI', { headers: { cookie } });
    const response = await fetchRequestHandler({ endpoint: '/api', req, router, createContext });
    expect(await response.json()).toEqual({ result: { data: 'ada' } });
  });

  test('gives a sealed cookie that opens nothing once the session is destroyed', async () => {
    const { sessions, call } = createApp(memory());
    const { headers, cookie } = await signInAs(sessions, ada);
    expect(cookie).toMatch(/^ssid=Fe26\.2\*/);
    await call(headers).session.destroy();
    await expect(call(headers).whoAmI()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('gives each user a session of their own', async () => {
    const { sessions, call } = createApp(memory());
    const [first, second] = [await signInAs(sessions, ada), await signInAs(sessions, { ...ada, userId: 'grace' })];
    expect(await call(first.headers).whoAmI()).toBe('ada');
    expect(await call(second.headers).whoAmI()).toBe('grace');
  });

  test('takes lifetimes and a device for this session', async () => {
    const clock = createTestClock();
    const store = memoryStore({ name: randomUUID(), now: clock.now });
    const { sessions, call } = createApp(store, { now: clock.now });
    const { headers, session } = await signInAs(sessions, ada, { idle: '5m', absolute: '10m', userAgent: 'Lynx' });
    expect(session).toMatchObject({ device: 'Lynx', idleMs: 300_000, expiresAt: clock.now() + 600_000 });
    clock.advance('6m');
    await expect(call(headers).whoAmI()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test.each([
    ['bearer', bearer(), 'authorization'],
    ['a custom header', header('x-session'), 'x-session'],
  ])('puts the credential where the transport reads it: %s', async (_, transport, name) => {
    const { sessions, call } = createApp(memory(), { transport });
    const { headers, cookie } = await signInAs(sessions, ada);
    expect(cookie).toBe('');
    expect(headers.get(name)).not.toBeNull();
    expect(await call(headers).whoAmI()).toBe('ada');
  });

  test('rejects data that the schema rejects', async () => {
    const { sessions } = createApp(memory());
    await expect(signInAs(sessions, { ...ada, role: 'owner' as 'admin' })).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
  });

  test('lets an app be tested without its store, with faultyStore', async () => {
    const { sessions, call } = createApp(faultyStore(memory(), [{ operation: 'read', at: 'before', fault: 'throw' }]));
    const { headers } = await signInAs(sessions, ada);
    await expect(call(headers).whoAmI()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});

describe('createTestView', () => {
  test('returns a view that is current, frozen and JSON-safe', () => {
    const view = createTestView({ role: 'admin' });
    expect(view).toMatchObject({ status: 'authenticated', data: { role: 'admin' }, revision: 1 });
    expect(view.at).toBeLessThanOrEqual(Date.now());
    expect(view.idleExpiresAt).toBeGreaterThan(Date.now());
    expect(view.expiresAt).toBeGreaterThan(view.idleExpiresAt);
    expect(Object.isFrozen(view.data)).toBe(true);
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
  });

  test('takes other values for the id, the revision and the times', () => {
    const view = createTestView({ role: 'admin' }, { id: 'another-session-1', revision: 7, at: 1_000 });
    expect(view).toMatchObject({ id: 'another-session-1', revision: 7, at: 1_000, idleExpiresAt: 21_601_000 });
  });

  test('returns a type that fits the view of the app', () => {
    const view: SessionView<{ role: 'member' | 'admin' }> = createTestView({ role: 'admin' });
    const authenticated: AuthenticatedView<{ role: string }> = createTestView({ role: 'admin' });
    expect([view.status, authenticated.status]).toEqual(['authenticated', 'authenticated']);
  });
});

describe('createSignedOutView', () => {
  test('returns a view that is current', () => {
    const view: SessionView<{ role: string }> = createSignedOutView();
    expect(view).toEqual({ status: 'unauthenticated', at: expect.any(Number) });
    expect(createSignedOutView(1_000)).toEqual({ status: 'unauthenticated', at: 1_000 });
  });
});
