import { setTimeout as sleep } from 'node:timers/promises';
import { first } from 'trpc-session';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test, vi } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { testApp, watchEveryMs } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { adapterNames, serve } from './_support/servers.ts';
import { eventClient, subscribe } from './_support/subscriber.ts';

const soon = { timeout: 5 * watchEveryMs, interval: 10 };
/** A reconnecting EventSource waits this long at most: the tests watch for longer. */
const reconnectMs = 400;

async function setting(adapter: (typeof adapterNames)[number] = 'standalone', options = {}) {
  const app = testApp(options);
  const server = await serve(adapter, app);
  const visitor = new Visitor();
  const client = visitor.client(server);
  const events = eventClient(server, visitor);
  const connections = () => server.requests.filter((line) => line.startsWith('GET')).length;
  return {
    app,
    server,
    visitor,
    client,
    events,
    connections,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe.each(adapterNames)('an event stream through the %s adapter', (adapter) => {
  test.each(['quiet', 'deaf', 'busy', 'observed'] as const)(
    '%s ends by itself when its session is revoked',
    async (stream) => {
      await using it = await setting(adapter);
      await it.client.direct.signIn.mutate();
      const subscriber = subscribe(it.events, stream);
      await subscriber.opened;
      const at = performance.now();
      await it.app.sessions.of('ada').revokeAll();
      const error = await subscriber.ended;
      expect(performance.now() - at).toBeLessThan(5 * watchEveryMs);
      expect(error).toMatchObject({ data: { code: 'UNAUTHORIZED', httpStatus: 401, session: { reason: 'expired' } } });
      await sleep(reconnectMs);
      expect(it.connections()).toBe(1);
      // One that waits for its own signal alone is not ended by the end of the stream: tRPC aborts it for leavers only.
      if (stream === 'busy' || stream === 'observed') expect(it.app.streams).toEqual({ opened: 1, closed: 1 });
    },
  );

  test('asks no more once its client has left', async () => {
    await using it = await setting(adapter);
    await it.client.direct.signIn.mutate();
    const subscribers = (['quiet', 'deaf', 'observed'] as const).map((stream) => subscribe(it.events, stream));
    await Promise.all(subscribers.map(({ opened }) => opened));
    for (const { unsubscribe } of subscribers) unsubscribe();
    await vi.waitFor(() => expect(it.app.streams).toEqual({ opened: 2, closed: 2 }), soon);
    await sleep(watchEveryMs / 2);
    it.app.calls.length = 0;
    await sleep(3 * watchEveryMs);
    expect(it.app.calls).toEqual([]);
  });

  test('of nobody is refused once, not over and over', async () => {
    await using it = await setting(adapter);
    const subscriber = subscribe(it.events, 'quiet');
    expect(await subscriber.ended).toMatchObject({ data: { code: 'UNAUTHORIZED', session: { reason: 'missing' } } });
    await sleep(reconnectMs);
    expect(it.connections()).toBe(1);
    expect(it.app.streams.opened).toBe(0);
  });

  test('signs nobody in', async () => {
    await using it = await setting(adapter);
    const subscriber = subscribe(it.events, 'signInOverStream');
    expect(await subscriber.ended).toMatchObject({ message: expect.stringContaining('do this in a mutation') });
    expect(it.app.calls).toEqual([]);
  });
});

describe('an event stream', () => {
  test('ends when its session is signed out, and lives on when another is', async () => {
    await using it = await setting();
    const other = new Visitor();
    await it.client.direct.signIn.mutate();
    await other.client(it.server).direct.signIn.mutate();
    const [ends, lives] = [subscribe(it.events, 'quiet'), subscribe(eventClient(it.server, other), 'quiet')];
    await Promise.all([ends.opened, lives.opened]);
    await it.client.direct.signOut.mutate();
    expect(await ends.ended).toMatchObject({ data: { code: 'UNAUTHORIZED' } });
    expect(await Promise.race([lives.ended, sleep(3 * watchEveryMs, 'lives')])).toBe('lives');
    lives.unsubscribe();
  });

  test('outlives a store that cannot answer', async () => {
    await using it = await setting();
    await it.client.direct.signIn.mutate();
    const subscriber = subscribe(it.events, 'quiet');
    await subscriber.opened;
    const outage = vi.spyOn(it.app.store, 'read').mockRejectedValue(new Error('down'));
    expect(await Promise.race([subscriber.ended, sleep(3 * watchEveryMs, 'lives')])).toBe('lives');
    expect(outage).toHaveBeenCalled();
    outage.mockRestore();
    await it.app.sessions.of('ada').revokeAll();
    expect(await subscriber.ended).toMatchObject({ data: { code: 'UNAUTHORIZED' } });
  });

  test('keeps no session alive by watching it', async () => {
    await using it = await setting('standalone', { idle: 3 * watchEveryMs, touchEvery: 1 });
    await it.client.direct.signIn.mutate();
    const subscriber = subscribe(it.events, 'quiet');
    await subscriber.opened;
    expect(await subscriber.ended).toMatchObject({ data: { session: { reason: 'expired' } } });
    expect(it.app.calls.filter((call) => call === 'touch').length).toBeLessThanOrEqual(1);
  });

  test('that comes to its end, or breaks, does so as without a guard', async () => {
    await using it = await setting();
    await it.client.direct.signIn.mutate();
    const finite = subscribe(it.events, 'finite');
    expect(await finite.ended).toBeNull();
    expect(finite.values).toEqual([1, 2]);
    const breaks = subscribe(it.events, 'breaks');
    expect(await breaks.ended).toMatchObject({ message: 'broken', data: { code: 'CONFLICT', session: null } });
    expect(breaks.values).toEqual([1]);
  });

  test('keeps the ids by which a client resumes', async () => {
    await using it = await setting();
    await it.client.direct.signIn.mutate();
    const subscriber = subscribe(it.events, 'busy');
    await subscriber.opened;
    expect(subscriber.values[0]).toEqual({ id: '0', data: 0 });
    subscriber.unsubscribe();
  });

  test.each([{ token: (token: string) => token }, { authorization: (token: string) => `Bearer ${token}` }])(
    'takes a bearer token from its connectionParams (%o)',
    async (params) => {
      await using it = await setting('standalone', { transport: bearer() });
      const { token } = await it.app.sessions.open({ headers: {}, method: 'POST' }).start(ada);
      const [[name, write] = ['', String]] = Object.entries(params);
      const subscriber = subscribe(eventClient(it.server, it.visitor, { [name]: write(token ?? '') }), 'quiet');
      await subscriber.opened;
      await it.app.sessions.of('ada').revokeAll();
      expect(await subscriber.ended).toMatchObject({ data: { session: { reason: 'expired' } } });
    },
  );

  test('takes no cookie from its connectionParams, and they open no other call', async () => {
    await using it = await setting('standalone', { transport: first(cookie(), bearer()) });
    await it.client.direct.signIn.mutate();
    const stolen = `ssid=${it.visitor.cookie}`;
    const thief = subscribe(eventClient(it.server, new Visitor(), { cookie: stolen }), 'quiet');
    expect(await thief.ended).toMatchObject({ data: { session: { reason: 'missing' } } });
    await using tokens = await setting('standalone', { transport: bearer() });
    const { token } = await tokens.app.sessions.open({ headers: {}, method: 'POST' }).start(ada);
    const params = encodeURIComponent(JSON.stringify({ token }));
    const response = await tokens.visitor.fetch(`${tokens.server.url}/me?connectionParams=${params}`);
    expect(response.status).toBe(401);
  });

  test.each(['', 'null', '7', '[]', '"text"', '{"token":1}', '{"token":null}', '{', '{"__proto__":{"token":"x"}}'])(
    'survives connectionParams of %s',
    async (params) => {
      await using it = await setting('standalone', { transport: bearer() });
      const url = `${it.server.url}/quiet?connectionParams=${encodeURIComponent(params)}`;
      const response = await it.visitor.fetch(url);
      expect(await response.text()).toMatch(/UNAUTHORIZED|PARSE_ERROR/);
      expect(response.status).toBeLessThan(500);
      expect(await it.client.hello.query()).toBe('hello');
    },
  );
});

describe('a guarded query that streams', () => {
  test('ends when its session is revoked', async () => {
    await using it = await setting();
    await it.client.direct.signIn.mutate();
    const stream = await it.visitor.client(it.server, 'sessionLink').drip.query();
    const iterator = stream[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 'open' });
    const end = iterator.next();
    await it.app.sessions.of('ada').revokeAll();
    await expect(end).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED', session: { reason: 'expired' } } });
  });

  test('brings its values and what it returns', async () => {
    await using it = await setting();
    await it.client.direct.signIn.mutate();
    const stream = await it.visitor.client(it.server, 'sessionLink').countdown.query();
    const iterator = stream[Symbol.asyncIterator]();
    const results = [await iterator.next(), await iterator.next(), await iterator.next()];
    expect(results).toEqual([
      { done: false, value: 2 },
      { done: false, value: 1 },
      { done: true, value: 'lift-off' },
    ]);
  });
});
