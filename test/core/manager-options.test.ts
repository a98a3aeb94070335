import { createSessions } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { describe, expect, test } from 'vitest';
import { accountSchema, ada, Browser, createAccountSessions, secret } from '../_support/sessions.ts';

function build(overrides: Record<string, unknown>): () => unknown {
  const options = { schema: accountSchema, view: () => null, store: memoryStore(), secret, ...overrides };
  return () => createSessions(options as never);
}

describe('createSessions', () => {
  test.each<[string, unknown]>([
    ['schema', undefined],
    ['schema', {}],
    ['schema', { parse: () => {} }],
    ['view', undefined],
    ['view', {}],
    ['subject', 'userId'],
    ['patch', {}],
    ['patch', null],
    ['store', 'redis://localhost'],
    ['store', {}],
    ['store', null],
    ['secret', 'hunter2'],
    ['secret', 7],
    ['transport', 'cookie'],
    ['idle', 0],
    ['idle', -1],
    ['idle', Number.NaN],
    ['idle', Infinity],
    ['idle', '1x'],
    ['idle', '3600'],
    ['idle', new Date(0)],
    ['idle', '8d'],
    ['absolute', '401d'],
    ['absolute', 2 ** 53],
    ['touchEvery', 0],
    ['touchEvery', '6h'],
    ['watchEvery', 0],
    ['watchEvery', '1x'],
    ['limit', { max: 0, whenFull: 'evict' }],
    ['limit', { max: 1001, whenFull: 'evict' }],
    ['limit', { max: Number.NaN, whenFull: 'evict' }],
    ['limit', { max: 1.5, whenFull: 'evict' }],
    ['limit', { max: 1, whenFull: 'ignore' }],
    ['limit', { max: 1 }],
    ['limit', 5],
    ['prefix', ''],
    ['prefix', 'a{b'],
    ['prefix', 'a*'],
    ['prefix', 'a?'],
    ['prefix', 'a[b]'],
    ['prefix', 'a b'],
    ['prefix', 'a\n'],
    ['prefix', 'é'],
    ['prefix', 'a'.repeat(65)],
    ['prefix', 7],
    ['version', 0],
    ['version', -1],
    ['version', 1.5],
    ['version', '1'],
    ['version', Number.NaN],
    ['migrate', {}],
    ['id', 'uuid'],
    ['id', () => 1000 + Math.floor(Math.random() * 9000)],
    ['id', () => '1234'],
    ['origins', ['https://a.example/']],
    ['origins', ['null']],
    ['origins', 'https://a.example'],
    ['maxBytes', 0],
    ['maxBytes', Number.NaN],
    ['maxBytes', Infinity],
    ['onEvent', []],
    ['now', 0],
  ])('throws INVALID_OPTION for %s: %j', (option, value) => {
    expect(build({ [option]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(`\`${option}`) }),
    );
  });

  test('throws if the transport returns no carrier', () => {
    expect(build({ transport: () => [] })).toThrow('`transport`');
  });

  test('accepts undefined for every optional option', () => {
    const names = [
      'secret',
      'store',
      'subject',
      'patch',
      'transport',
      'idle',
      'absolute',
      'touchEvery',
      'watchEvery',
      'limit',
      'prefix',
      'version',
      'migrate',
      'id',
      'origins',
      'maxBytes',
      'onEvent',
      'now',
    ];
    expect(build(Object.fromEntries(names.map((name) => [name, undefined])))).not.toThrow();
  });
});

describe('two apps with one store and one secret', () => {
  test('do not see the sessions of each other if their prefixes differ', async () => {
    const one = createAccountSessions({ prefix: 'a:' });
    const two = createAccountSessions({ prefix: 'a:b:', store: one.store }, one.clock);
    const browser = new Browser(one.sessions);
    await browser.request().start(ada);
    const otherApp = new Browser(two.sessions);
    otherApp.jar.set('ssid', browser.cookie.slice('ssid='.length));
    expect(await otherApp.request().get()).toBeNull();
    expect(two.calls).toEqual([]);
    expect(await two.sessions.of('ada').list()).toEqual([]);
    expect(await one.sessions.of('ada').list()).toHaveLength(1);
  });
});

test('an update over maxBytes fails with the size, and the stored data stays', async () => {
  const { sessions, calls } = createAccountSessions({ maxBytes: 200 });
  const browser = new Browser(sessions);
  await browser.request().start(ada);
  calls.length = 0;
  await expect(browser.request().update({ name: 'x'.repeat(200) })).rejects.toMatchObject({
    code: 'TOO_LARGE',
    message: expect.stringMatching(/\d{3} bytes of the 200 allowed/),
  });
  expect(calls).toEqual(['read']);
  expect((await browser.request().get())?.data).toEqual(ada);
});
