import type { SessionStore } from '../../core/ports/store.ts';
import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import type { StoreFixture } from '../store-fixture.ts';

const calls: Readonly<Record<string, (store: SessionStore, fixture: StoreFixture) => Promise<unknown>>> = {
  read: (store, fixture) => store.read(fixture.toAddress('ada')),
  touch: (store, fixture) => store.touch(fixture.toAddress('ada')),
  start: (store, fixture) => store.start(fixture.buildStart('ada')),
  replace: (store, fixture) => store.replace(fixture.buildReplace('ada', 1)),
  regenerate: (store, fixture) => store.regenerate(fixture.buildRegenerate('ada', 'new')),
  destroy: (store, fixture) => store.destroy(fixture.toAddress('ada')),
  list: (store, fixture) => store.list(fixture.key),
  revoke: (store, fixture) => store.revoke(fixture.key, 'all'),
  scan: (store, fixture) => store.scan({ start: fixture.key, cursor: null }),
};

/** On a busy machine a promise may settle this much later than its deadline. */
const slackMs = 1_000;

export const availabilityCases: readonly StoreCase[] = [
  ...defineCases('name-1', {
    'the store has a name': async ({ store }) => {
      expectTrue(typeof store.name === 'string' && store.name !== '', 'name is text that is not empty');
    },
  }),
  ...defineCases(
    'all-3',
    Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [
        `${name} rejects within the deadline when the store does not respond`,
        (fixture: StoreFixture) => expectRejectsInTime(fixture, call),
      ]),
    ),
    'createUnreachableStore',
  ),
  ...defineCases('ping-1', {
    'ping resolves when the store can be used': async ({ store, key }) => {
      expectEqual(await store.ping(key), undefined, 'ping');
    },
  }),
  ...defineCases(
    'ping-1',
    {
      'ping rejects within the deadline when the store does not respond': (fixture) =>
        expectRejectsInTime(fixture, (store) => store.ping(fixture.key)),
    },
    'createUnreachableStore',
  ),
  ...defineCases('ping-2', {
    'ping leaves no session': async ({ store, key }) => {
      await store.ping(key);
      expectEqual(await store.list(key), [], 'the sessions listed');
    },
  }),
  ...defineCases(
    'ping-2',
    {
      'ping leaves nothing at all': async (fixture) => {
        await fixture.store.ping(fixture.key);
        expectEqual(await fixture.getAbility('hasKey')(fixture.key), false, 'whether the key exists');
      },
    },
    'hasKey',
  ),
  ...defineCases('close-1', {
    'close resolves after use': async (fixture) => {
      await fixture.start('ada');
      expectEqual(await fixture.store.close(), undefined, 'close');
    },
  }),
  ...defineCases('close-2', {
    'close resolves a second time, and without earlier calls': async ({ store }) => {
      await store.close();
      expectEqual(await store.close(), undefined, 'the second close');
    },
  }),
];

async function expectRejectsInTime(
  fixture: StoreFixture,
  call: (store: SessionStore, fixture: StoreFixture) => Promise<unknown>,
): Promise<void> {
  const { store, deadlineMs } = await fixture.getAbility('createUnreachableStore')();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<'still pending'>((resolve) => {
    timer = setTimeout(() => resolve('still pending'), deadlineMs + slackMs);
  });
  const settled = call(store, fixture).then(
    () => 'resolved',
    () => 'rejected',
  );
  const outcome = await Promise.race([settled, timeout]);
  clearTimeout(timer);
  await store.close().catch(() => {});
  expectTrue(outcome === 'rejected', `expected the call to reject within ${deadlineMs} ms, but it was ${outcome}`);
}
