import { createTRPCClient } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { anyOf, matches, passive } from 'trpc-session';
import { passiveCall, sessionLink } from 'trpc-session/client';
import { signInAs } from 'trpc-session/testing';
import { createTrpcSession } from 'trpc-session/trpc';
import { expect, test } from 'vitest';
import { ada, createAccountSessions } from '../_support/sessions.ts';

/** An app whose sessions end after 600 ms without use, a client that is signed in, and the headers it sends. */
async function createApp(headers?: unknown) {
  const { sessions, clock } = createAccountSessions({ idle: '600ms', absolute: '1h', touchEvery: '1ms' });
  const { createContext, requireSession } = createTrpcSession(sessions);
  const t = initTRPC.context<typeof createContext>().create();
  const router = t.router({
    active: t.procedure.use(requireSession()).query(() => 'active'),
    passive: t.procedure.use(requireSession(passive)).query(() => 'passive'),
    refusing: t.procedure.use(requireSession(passive, matches({ name: 'Ada' }))).query(() => 'passive'),
    inside: t.procedure.use(requireSession(anyOf(passive, matches({ name: 'Ada' })))).query(() => 'active'),
  });
  const { cookie } = await signInAs(sessions, ada);
  const sent: Headers[] = [];
  const link = sessionLink<typeof router>({
    url: 'http://app.example/api/trpc',
    headers: headers as never,
    fetch: (async (url: string, init: RequestInit) => {
      sent.push(new Headers(init.headers));
      const req = new Request(url, { ...init, headers: [...(sent.at(-1) ?? []), ['cookie', cookie]] });
      return fetchRequestHandler({ endpoint: '/api/trpc', req, router, createContext });
    }) as never,
  });
  const client = createTRPCClient<typeof router>({ links: [link] });
  /** Polls every 150 ms for longer than the idle timeout, and resolves to whether the user is still signed in. */
  const staysSignedIn = async (poll: () => Promise<unknown>) => {
    for (let count = 0; count < 12; count += 1) {
      clock.advance(150);
      await poll().catch(() => {});
    }
    return (await sessions.of('ada').list()).length === 1;
  };
  return { client, sent, staysSignedIn };
}

test('a guarded query that is polled keeps the session alive', async () => {
  const { client, staysSignedIn } = await createApp();
  expect(await staysSignedIn(() => client.active.query())).toBe(true);
});

test.each(['passive', 'refusing'] as const)('a query with a passive guard does not (%s)', async (name) => {
  const { client, staysSignedIn } = await createApp();
  expect(await client[name].query()).toBe('passive');
  expect(await staysSignedIn(() => client[name].query())).toBe(false);
});

test('inside anyOf, passive has no effect', async () => {
  const { client, staysSignedIn } = await createApp();
  expect(await staysSignedIn(() => client.inside.query())).toBe(true);
});

test('a call that the client marks as passive does not keep the session alive', async () => {
  const { client, staysSignedIn } = await createApp();
  expect(await staysSignedIn(() => client.active.query(undefined, { context: passiveCall }))).toBe(false);
});

test('a batch with one call that is not passive keeps the session alive', async () => {
  const { client, sent, staysSignedIn } = await createApp();
  const poll = () => Promise.all([client.active.query(), client.active.query(undefined, { context: passiveCall })]);
  expect(await staysSignedIn(poll)).toBe(true);
  expect(sent).toHaveLength(12);
  expect(sent.every((headers) => !headers.has('session-activity'))).toBe(true);
});

test.each([
  ['an object', { 'x-app': '1' }],
  ['a list', [['x-app', '1']] as [string, string][]],
  ['Headers', new Headers({ 'x-app': '1' })],
  ['a function', async () => ({ 'x-app': '1' })],
])('headers of the app stay, given as %s', async (_, headers) => {
  const { client, sent } = await createApp(headers);
  await client.active.query(undefined, { context: passiveCall });
  await client.active.query();
  expect(sent.map((one) => [one.get('x-app'), one.get('session-activity')])).toEqual([
    ['1', 'passive'],
    ['1', null],
  ]);
});
