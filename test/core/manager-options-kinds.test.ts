import { createSessions } from 'trpc-session';
import { redisStore } from 'trpc-session/stores/redis';
import { expect, test } from 'vitest';

test('redisStore throws if its options name a replica', () => {
  const options = { sentinels: [{ host: '127.0.0.1', port: 26379 }], name: 'main', role: 'slave' as const };
  expect(() => redisStore(options)).toThrow('`redisStore(source).role`');
});

test('createSessions names an option that has the wrong type', () => {
  const build = (wrong: object) => () => createSessions({ ...minimalOptions, ...wrong } as never);
  expect(build({ origins: 'https://app.example.com' })).toThrow('`origins` must be an array');
  expect(build({ transport: () => () => [] })).toThrow('`transport` must be a transport');
});

const minimalOptions = {
  schema: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
  view: () => ({}),
  store: undefined,
  secret: undefined,
};
