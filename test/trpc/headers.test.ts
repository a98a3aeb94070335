import { describe, expect, test } from 'vitest';
import { testApp } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { adapterNames, ownCookies, type Server, serve } from './_support/servers.ts';

/** Asks the server by hand, and answers the response with its body read. A stream that stays open is left. */
async function ask(server: Server, visitor: Visitor, path: string, init: RequestInit = {}): Promise<Response> {
  const left = new AbortController();
  const response = await visitor.fetch(server.url + path, { ...init, signal: left.signal });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) left.abort();
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

function ownCookiesOf({ headers }: Response): readonly string[] {
  return headers.getSetCookie().filter((line) => !line.startsWith('ssid='));
}

const jsonl = { headers: { 'trpc-accept': 'application/jsonl' } };
const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
const batchInput = '?batch=1&input=%7B%7D';

const answers = [
  { name: 'a guarded call', path: '/me' },
  { name: 'a batch', path: `/me,hello${batchInput}` },
  { name: 'a stream', path: `/me,hello${batchInput}`, init: jsonl },
  { name: 'an event stream', path: '/quiet' },
  { name: 'a refusal', path: '/admin' },
  { name: 'a mutation', path: '/direct.update', init: post },
  { name: 'a sign-in', path: '/direct.signIn', init: post },
  { name: 'a sign-out', path: '/direct.signOut', init: post },
  { name: 'a call that only carries the cookie', path: '/hello' },
];

describe.each(adapterNames)('through the %s adapter', (adapter) => {
  async function setting() {
    const app = testApp();
    const server = await serve(adapter, app);
    const visitor = new Visitor();
    return { app, server, visitor, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }

  test.each(answers)('$name of somebody is kept by no shared cache', async ({ path, init }) => {
    await using it = await setting();
    await it.visitor.client(it.server).direct.signIn.mutate();
    const response = await ask(it.server, it.visitor, path, init);
    expect(isPrivate(response)).toBe(true);
    expect(response.headers.get('vary')).toMatch(/trpc-accept/);
  });

  test.each(answers.slice(0, 5))('$name that finds nobody is kept by no shared cache', async ({ path, init }) => {
    await using it = await setting();
    expect(isPrivate(await ask(it.server, it.visitor, path, init))).toBe(true);
  });

  test('an event stream may still not be compressed on its way', async () => {
    await using it = await setting();
    expect((await ask(it.server, it.visitor, '/quiet')).headers.get('cache-control')).toMatch(/no-transform/);
  });

  test('a cookie that cannot be opened makes the answer private too', async () => {
    await using it = await setting();
    it.visitor.jar.set('ssid', 'garbage');
    expect(isPrivate(await ask(it.server, it.visitor, '/hello'))).toBe(true);
  });

  test('a public call without a cookie may be cached, and asks no store', async () => {
    await using it = await setting();
    for (const path of ['/hello', `/hello,hello${batchInput}`, '/unknown']) {
      const { headers } = await ask(it.server, it.visitor, path);
      expect(headers.get('cache-control')).toBeNull();
      expect(headers.get('vary') ?? '').not.toMatch(/cookie/i);
    }
    expect(it.app.calls).toEqual([]);
  });

  test('a public call that asks who is there may not', async () => {
    await using it = await setting();
    expect(isPrivate(await ask(it.server, it.visitor, '/maybe'))).toBe(true);
  });

  test("the app's own cookies arrive beside ours, whatever ours is doing", async () => {
    await using it = await setting();
    for (const path of ['/direct.signIn', '/direct.regenerate', '/direct.update', '/direct.signOut']) {
      const response = await ask(it.server, it.visitor, path, post);
      expect(response.status).toBe(200);
      expect(ownCookiesOf(response).toSorted()).toEqual([...ownCookies].toSorted());
    }
    expect(ownCookiesOf(await ask(it.server, it.visitor, '/me')).toSorted()).toEqual([...ownCookies].toSorted());
  });

  test('a sign-in that fails afterwards sends the cookie of the session that it began', async () => {
    await using it = await setting();
    const client = it.visitor.client(it.server);
    await expect(client.signInThenFail.mutate({ name: 'Ada' })).rejects.toMatchObject({ data: { code: 'CONFLICT' } });
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await client.me.query()).toBe('Ada');
    expect(await it.app.sessions.of('ada').list()).toHaveLength(1);
  });
});
