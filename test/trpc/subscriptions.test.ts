// Slow: a stream ends only after the session was read again (every 100 ms), and each test then waits to see that no
// reconnect follows. Five adapters are tested.
import { setTimeout as sleep } from 'node:timers/promises';
import { first } from 'trpc-session';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test, vi } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { createTestApp, watchEveryMs } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { adapterNames, serve } from './_support/servers.ts';
import { createEventClient, subscribe } from './_support/subscriber.ts';

const soon = { timeout: 5 * watchEveryMs, interval: 10 };
/** Longer than an EventSource waits before it reconnects. */
const reconnectMs = 400;

async function setUp(adapter: (typeof adapterNames)[number] = 'standalone', options = {}) {
  const app = createTestApp(options);
  const server = await serve(adapter, app);
  const visitor = new Visitor();
  const client = visitor.client(server);
  const events = createEventClient(server, visitor);
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
    '%s ends when its session is revoked, and the client does not reconnect',
    async (stream) => {
      await using it = await setUp(adapter);
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
      // 'quiet' and 'deaf' cannot notice the end of the stream: tRPC aborts their signal only if the client
      // disconnects.
      if (stream === 'busy' || stream === 'observed') expect(it.app.streams).toEqual({ opened: 1, closed: 1 });
    },
  );

  test('stops reading the session after the client has disconnected', async () => {
    await using it = await setUp(adapter);
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

  test('is refused once without a session, and the client does not reconnect', async () => {
    await using it = await setUp(adapter);
    const subscriber = subscribe(it.events, 'quiet');
    expect(await subscriber.ended).toMatchObject({ data: { code: 'UNAUTHORIZED', session: { reason: 'missing' } } });
    await sleep(reconnectMs);
    expect(it.connections()).toBe(1);
    expect(it.app.streams.opened).toBe(0);
  });

  test('cannot sign in, because its headers are sent already', async () => {
    await using it = await setUp(adapter);
    const subscriber = subscribe(it.events, 'signInOverStream');
    expect(await subscriber.ended).toMatchObject({ message: expect.stringContaining('do this in a mutation') });
    expect(it.app.calls).toEqual([]);
  });
});

describe('an event stream', () => {
  test('ends when its own session is signed out, and not when another one is', async () => {
    await using it = await setUp();
    const other = new Visitor();
    await it.client.direct.signIn.mutate();
    await other.client(it.server).direct.signIn.mutate();
    const [own, unrelated] = [subscribe(it.events, 'quiet'), subscribe(createEventClient(it.server, other), 'quiet')];
    await Promise.all([own.opened, unrelated.opened]);
    await it.client.direct.signOut.mutate();
    expect(await own.ended).toMatchObject({ data: { code: 'UNAUTHORIZED' } });
    expect(await Promise.race([unrelated.ended, sleep(3 * watchEveryMs, 'open')])).toBe('open');
    unrelated.unsubscribe();
  });

  test('ends at once when its session is revoked, however long `watchEvery` is', async () => {
    await using it = await setUp('standalone', { watchEvery: '1h' });
    await it.client.direct.signIn.mutate();
    const subscriber = subscribe(it.events, 'quiet');
    await subscriber.opened;
    await it.app.sessions.of('ada').revokeAll();
    const error = await Promise.race([subscriber.ended, sleep(5_000, 'open')]);
    expect(error).toMatchObject({ data: { code: 'UNAUTHORIZED', session: { reason: 'expired' } } });
  });

  test('ends without an error when the manager is closed', async () => {
    await using it = await setUp('standalone', { watchEvery: '1h' });
    await it.client.direct.signIn.mutate();
    const subscriber = subscribe(it.events, 'quiet');
    await subscriber.opened;
    await it.app.sessions.close();
    expect(await Promise.race([subscriber.ended, sleep(5_000, 'open')])).toBeNull();
  });

  test('stays open while the store is unavailable', async () => {
    await using it = await setUp();
    await it.client.direct.signIn.mutate();
    const subscriber = subscribe(it.events, 'quiet');
    await subscriber.opened;
    const outage = vi.spyOn(it.app.store, 'read').mockRejectedValue(new Error('down'));
    expect(await Promise.race([subscriber.ended, sleep(3 * watchEveryMs, 'open')])).toBe('open');
    expect(outage).toHaveBeenCalled();
    outage.mockRestore();
    await it.app.sessions.of('ada').revokeAll();
    expect(await subscriber.ended).toMatchObject({ data: { code: 'UNAUTHORIZED' } });
  });

  test('does not extend the idle timeout of its session', async () => {
    await using it = await setUp('standalone', { idle: `${3 * watchEveryMs}ms`, touchEvery: 1 });
    await it.client.direct.signIn.mutate();
    const subscriber = subscribe(it.events, 'quiet');
    await subscriber.opened;
    expect(await subscriber.ended).toMatchObject({ data: { session: { reason: 'expired' } } });
    expect(it.app.calls.filter((call) => call === 'touch').length).toBeLessThanOrEqual(1);
  });

  test('passes on the end and the errors of its source', async () => {
    await using it = await setUp();
    await it.client.direct.signIn.mutate();
    const finite = subscribe(it.events, 'finite');
    expect(await finite.ended).toBeNull();
    expect(finite.values).toEqual([1, 2]);
    const breaks = subscribe(it.events, 'breaks');
    expect(await breaks.ended).toMatchObject({ message: 'broken', data: { code: 'CONFLICT', session: null } });
    expect(breaks.values).toEqual([1]);
  });

  test('keeps the event ids with which a client resumes', async () => {
    await using it = await setUp();
    await it.client.direct.signIn.mutate();
    const subscriber = subscribe(it.events, 'busy');
    await subscriber.opened;
    expect(subscriber.values[0]).toEqual({ id: '0', data: 0 });
    subscriber.unsubscribe();
  });

  test.each([{ token: (token: string) => token }, { authorization: (token: string) => `Bearer ${token}` }])(
    'reads a bearer token from its connectionParams (%o)',
    async (params) => {
      await using it = await setUp('standalone', { transport: bearer() });
      const { token } = await it.app.sessions.open({ headers: {}, method: 'POST' }).start(ada);
      const [[name, write] = ['', String]] = Object.entries(params);
      const subscriber = subscribe(createEventClient(it.server, it.visitor, { [name]: write(token ?? '') }), 'quiet');
      await subscriber.opened;
      await it.app.sessions.of('ada').revokeAll();
      expect(await subscriber.ended).toMatchObject({ data: { session: { reason: 'expired' } } });
    },
  );

  test('ignores a cookie in its connectionParams, and a query ignores all of them', async () => {
    await using it = await setUp('standalone', { transport: first(cookie(), bearer()) });
    await it.client.direct.signIn.mutate();
    const stolen = `ssid=${it.visitor.cookie}`;
    const thief = subscribe(createEventClient(it.server, new Visitor(), { cookie: stolen }), 'quiet');
    expect(await thief.ended).toMatchObject({ data: { session: { reason: 'missing' } } });
    await using tokens = await setUp('standalone', { transport: bearer() });
    const { token } = await tokens.app.sessions.open({ headers: {}, method: 'POST' }).start(ada);
    const params = encodeURIComponent(JSON.stringify({ token }));
    const response = await tokens.visitor.fetch(`${tokens.server.url}/me?connectionParams=${params}`);
    expect(response.status).toBe(401);
  });

  test.each(['', 'null', '7', '[]', '"text"', '{"token":1}', '{"token":null}', '{', '{"__proto__":{"token":"x"}}'])(
    'responds without a server error to the connectionParams %s',
    async (params) => {
      await using it = await setUp('standalone', { transport: bearer() });
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
    await using it = await setUp();
    await it.client.direct.signIn.mutate();
    const stream = await it.visitor.client(it.server, 'sessionLink').drip.query();
    const iterator = stream[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 'open' });
    const end = iterator.next();
    await it.app.sessions.of('ada').revokeAll();
    await expect(end).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED', session: { reason: 'expired' } } });
  });

  test('delivers its values and its return value', async () => {
    await using it = await setUp();
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
