// Slow: it starts an HTTP server.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestApp } from '../trpc/_support/app.ts';
import { Visitor } from '../trpc/_support/client.ts';
import { serve } from '../trpc/_support/servers.ts';

const app = createTestApp();
let server: Awaited<ReturnType<typeof serve>>;
let visitor: Visitor;

beforeAll(async () => {
  server = await serve('fetch', app);
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  visitor = new Visitor();
  await visitor.client(server).direct.signIn.mutate();
  app.calls.length = 0;
});

/** Sends a body to a mutation that needs a session. */
async function post(path: string, body: string) {
  const headers = {
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
    cookie: `ssid=${visitor.cookie}`,
  };
  const response = await fetch(`${server.url}/${path}`, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}

const set = (json: string, meta = '{}') => post('session.set', `{"json":${json},"meta":${meta}}`);

describe('session.set refuses with 400, and writes nothing', () => {
  test.each<[string, string, string, string]>([
    ['E76a', 'a path through __proto__', '{"visits":1}', '{"values":{"__proto__.isAdmin":["Date"]}}'],
    [
      'E76a',
      'a path through constructor',
      '{"visits":1}',
      '{"values":{"constructor.prototype.isAdmin":["undefined"]}}',
    ],
    ['E76d', 'a huge index', '{"visits":[]}', '{"values":{"visits.4294967294":["Date"]}}'],
    ['E76e', 'a regular expression that never ends', '{"visits":"/(a+)+$/"}', '{"values":{"visits":["regexp"]}}'],
    ['E76e', 'a regular expression with unknown flags', '{"visits":"/a/zz"}', '{"values":{"visits":["regexp"]}}'],
    [
      'E76f',
      'a bigint with a million digits',
      `{"visits":"${'9'.repeat(1_000_000)}"}`,
      '{"values":{"visits":["bigint"]}}',
    ],
    ['E76g', 'an invalid date', '{"visits":"never"}', '{"values":{"visits":["Date"]}}'],
    ['E76h', 'a class that is not registered', '{"visits":{}}', '{"values":{"visits":[["class","X"]]}}'],
    ['E76h', 'a custom type', '{"visits":{}}', '{"values":{"visits":[["custom","x"]]}}'],
    ['E76h', 'a typed array that does not exist', '{"visits":[1]}', '{"values":{"visits":[["typed-array","Foo"]]}}'],
    ['E76i', 'a map of something that is no list', '{"visits":5}', '{"values":{"visits":["map"]}}'],
    ['E76i', 'an invalid URL', '{"visits":"http://"}', '{"values":{"visits":["URL"]}}'],
    ['E77', 'a value of another type', '{"visits":"1"}', '{}'],
    ['E46', 'null', 'null', '{}'],
    ['E46', 'a list', '[]', '{}'],
    ['E46', 'a text', '"x"', '{}'],
  ])('%s: %s', async (_row, _input, json, meta) => {
    const { status, text } = await set(json, meta);
    expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining('BAD_REQUEST') });
    expect(app.calls).not.toContain('replace');
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
  });
});

test.each<[string, string, string, string]>([
  ['E76b', 'a path to a parent that is missing', '{"visits":1}', '{"values":{"a.b.c":["Date"]}}'],
  ['E74', 'a key named __proto__', '{"visits":1,"__proto__":{"isAdmin":true}}', '{}'],
  ['E74', 'a key named constructor', '{"visits":1,"constructor":{"prototype":{"isAdmin":true}}}', '{}'],
  ['E78', 'keys of the stored envelope', '{"visits":1,"v":9,"remember":false,"types":{},"__version":3}', '{}'],
  ['R55', 'fields that the browser may not change', '{"visits":1,"userId":"grace","role":"admin","name":"x"}', '{}'],
])('%s: session.set changes the allowed field only, if it is sent %s', async (_row, _input, json, meta) => {
  expect((await set(json, meta)).status).toBe(200);
  const headers = { cookie: `ssid=${visitor.cookie}`, 'sec-fetch-site': 'same-origin' };
  const session = await app.sessions.open({ headers }).get();
  expect(session?.data).toEqual({ userId: 'ada', name: 'Ada', role: 'member', visits: 1 });
  expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
});

test('session.set refuses 20 MB before it looks at them, with 413', async () => {
  const { status, text } = await set(`{"visits":"${'x'.repeat(20_000_000)}"}`);
  expect({ status, text }).toEqual({ status: 413, text: expect.stringContaining('PAYLOAD_TOO_LARGE') });
  expect(app.calls).not.toContain('replace');
});

test('E76c: session.set refuses a cycle, which no number of bytes can store', async () => {
  expect((await set('{"visits":1,"a":{}}', '{"referentialEqualities":{"a":["a.self"]}}')).status).toBe(413);
  expect(app.calls).not.toContain('replace');
});

test('session.set refuses a short text whose references stand for gigabytes', async () => {
  const depth = 40;
  const path = (level: number) => Array(level).fill('a').join('.');
  const references = Array.from({ length: depth }, (_, level) => [
    path(level + 1),
    [[...(level ? [path(level)] : []), 'b'].join('.')],
  ]);
  const data = Array.from({ length: depth }).reduce<object>((inner) => ({ a: inner }), { leaf: 1 });
  const startedAt = performance.now();
  const { status } = await set(
    JSON.stringify(data),
    JSON.stringify({ referentialEqualities: Object.fromEntries(references) }),
  );
  expect(status).toBe(413);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

describe('a batch', () => {
  const cookie = () => ({ cookie: `ssid=${visitor.cookie}`, 'sec-fetch-site': 'same-origin' });

  test('D61: of 1,000 guarded queries reads the session once', async () => {
    const paths = Array.from({ length: 1_000 }, () => 'me').join();
    const response = await fetch(`${server.url}/${paths}?batch=1`, { headers: cookie() });
    expect((await response.json()).length).toBe(1_000);
    expect(app.calls).toEqual(['read']);
  });

  test.each(['{"__proto__":{"json":{}}}', '{"-1":{"json":{}}}', '{"1e9":{"json":{}}}', '[]', 'null'])(
    'D64: with the body %s pollutes nothing',
    async (body) => {
      const { status } = await post('session.set?batch=1', body);
      expect([400, 207]).toContain(status);
      expect(app.calls).not.toContain('replace');
      expect(({} as Record<string, unknown>).json).toBeUndefined();
    },
  );
});

test('D66: if the client goes away during an update, it is stored once or not at all', async () => {
  for (let delay = 0; delay < 10; delay += 1) {
    const headers = {
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
      cookie: `ssid=${visitor.cookie}`,
    };
    const signal = AbortSignal.timeout(delay);
    await fetch(`${server.url}/direct.update`, { method: 'POST', headers, body: '{}', signal }).catch(() => {});
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  const headers = { cookie: `ssid=${visitor.cookie}`, 'sec-fetch-site': 'same-origin' };
  const session = await app.sessions.open({ headers }).get();
  expect(session?.data.visits).toBe(app.calls.filter((call) => call === 'replace').length);
  expect(session?.revision).toBe(1 + (session?.data.visits ?? 0));
});
