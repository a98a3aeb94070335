// Slow: 20 tests for each of five adapters, and each test starts a server of its own.
import { describe, expect, test } from 'vitest';
import { createTestApp } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { adapterNames, ownCookies, type Server, serve } from './_support/servers.ts';

/** Sends a request without a tRPC client and reads the response to its end. An event stream is aborted instead. */
async function request(server: Server, visitor: Visitor, path: string, init: RequestInit = {}): Promise<Response> {
  const abort = new AbortController();
  const response = await visitor.fetch(server.url + path, { ...init, signal: abort.signal });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) abort.abort();
  else await response.text();
  return response;
}

function isPrivate({ headers }: Response): boolean {
  const [control, varied] = ['cache-control', 'vary'].map((name) =>
    (headers.get(name) ?? '').toLowerCase().split(/, */),
  );
  const keeps = control?.filter(
    (directive) => !['private', 'no-store', 'no-cache', 'no-transform'].includes(directive),
  );
  return (
    ['private', 'no-store'].every((name) => control?.includes(name)) &&
    keeps?.length === 0 &&
    !!varied?.includes('cookie')
  );
}

function getOwnCookies({ headers }: Response): readonly string[] {
  return headers.getSetCookie().filter((line) => !line.startsWith('ssid='));
}

const jsonl = { headers: { 'trpc-accept': 'application/jsonl' } };
const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
const batchInput = '?batch=1&input=%7B%7D';

const responses = [
  { name: 'a guarded call', path: '/me' },
  { name: 'a batch', path: `/me,hello${batchInput}` },
  { name: 'a stream', path: `/me,hello${batchInput}`, init: jsonl },
  { name: 'an event stream', path: '/quiet' },
  { name: 'a refusal', path: '/admin' },
  { name: 'a mutation', path: '/direct.update', init: post },
  { name: 'a sign-in', path: '/direct.signIn', init: post },
  { name: 'a sign-out', path: '/direct.signOut', init: post },
];

describe.each(adapterNames)('through the %s adapter', (adapter) => {
  async function setUp() {
    const app = createTestApp();
    const server = await serve(adapter, app);
    const visitor = new Visitor();
    return { app, server, visitor, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }

  test.each(responses)('$name of a signed-in user is kept out of shared caches', async ({ path, init }) => {
    await using it = await setUp();
    await it.visitor.client(it.server).direct.signIn.mutate();
    const response = await request(it.server, it.visitor, path, init);
    expect(isPrivate(response)).toBe(true);
    expect(response.headers.get('vary')).toMatch(/trpc-accept/);
  });

  test.each(responses.slice(0, 5))('$name without a session is kept out of shared caches', async ({ path, init }) => {
    await using it = await setUp();
    expect(isPrivate(await request(it.server, it.visitor, path, init))).toBe(true);
  });

  test('an event stream keeps the directive that forbids proxies to compress it', async () => {
    await using it = await setUp();
    expect((await request(it.server, it.visitor, '/quiet')).headers.get('cache-control')).toMatch(/no-transform/);
  });

  test('a response to an invalid cookie is kept out of shared caches', async () => {
    await using it = await setUp();
    it.visitor.jar.set('ssid', 'garbage');
    expect(isPrivate(await request(it.server, it.visitor, '/maybe'))).toBe(true);
  });

  test.each<[string, (visitor: Visitor, server: Server) => unknown]>([
    ['without a cookie', () => {}],
    ['with an invalid cookie', ({ jar }) => jar.set('ssid', 'garbage')],
    ['of a signed-in user', (visitor, server) => visitor.client(server).direct.signIn.mutate()],
  ])('a public call %s may be cached, and does not call the store', async (_name, prepare) => {
    await using it = await setUp();
    await prepare(it.visitor, it.server);
    it.app.calls.length = 0;
    for (const path of ['/hello', `/hello,hello${batchInput}`, '/unknown']) {
      const { headers } = await request(it.server, it.visitor, path);
      expect(headers.get('cache-control')).toBeNull();
      expect(headers.get('vary') ?? '').not.toMatch(/cookie/i);
    }
    expect(it.app.calls).toEqual([]);
  });

  test('a public call that reads the session may not be cached', async () => {
    await using it = await setUp();
    expect(isPrivate(await request(it.server, it.visitor, '/maybe'))).toBe(true);
  });

  test("the app's own cookies arrive whether the session cookie is set, cleared or unchanged", async () => {
    await using it = await setUp();
    for (const path of ['/direct.signIn', '/direct.regenerate', '/direct.update', '/direct.signOut']) {
      const response = await request(it.server, it.visitor, path, post);
      expect(response.status).toBe(200);
      expect(getOwnCookies(response).toSorted()).toEqual([...ownCookies].toSorted());
    }
    expect(getOwnCookies(await request(it.server, it.visitor, '/me')).toSorted()).toEqual([...ownCookies].toSorted());
  });

  test('a call that fails after it signed in still sends the cookie of its session', async () => {
    await using it = await setUp();
    const client = it.visitor.client(it.server);
    await expect(client.signInThenFail.mutate({ name: 'Ada' })).rejects.toMatchObject({ data: { code: 'CONFLICT' } });
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await client.me.query()).toBe('Ada');
    expect(await it.app.sessions.of('ada').list()).toHaveLength(1);
  });
});
