import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import type { StoreFixture } from '../store-fixture.ts';

/** Each changes the session `ada`, which is at revision 1. */
const writes: Readonly<Record<string, (fixture: StoreFixture) => Promise<unknown>>> = {
  touch: (fixture) => fixture.store.touch(fixture.toAddress('ada')),
  replace: (fixture) => fixture.replace('ada', 1),
  regenerate: (fixture) => fixture.regenerate('ada', 'new'),
  destroy: (fixture) => fixture.store.destroy(fixture.toAddress('ada')),
  revoke: ({ store, key }) => store.revoke(key, 'all'),
};

const maxTicks = 50;

/** Counts the calls of a listener of a key, if the store has any. */
async function countCalls(fixture: StoreFixture, key = fixture.key) {
  let calls = 0;
  const stop = fixture.store.watch?.(key, () => {
    calls += 1;
  });
  // The calls for earlier writes may still arrive.
  await fixture.advance(1);
  calls = 0;
  return { stop: stop ?? (() => {}), getCalls: () => calls };
}

export const watchCases: readonly StoreCase[] = [
  ...defineCases(
    'watch-1',
    Object.fromEntries(
      Object.entries(writes).map(([name, write]) => [
        `${name} calls the listeners of its key`,
        async (fixture: StoreFixture) => {
          if (!fixture.store.watch) return;
          await fixture.start('ada');
          const { stop, getCalls } = await countCalls(fixture);
          await write(fixture);
          for (let tick = 0; tick < maxTicks && getCalls() === 0; tick += 1) await fixture.advance(1);
          expectTrue(getCalls() > 0, `the listener is called after ${name}`);
          stop();
        },
      ]),
    ),
  ),
  ...defineCases('watch-2', {
    'a listener is not called after its watch has ended': async (fixture) => {
      await fixture.start('ada');
      const { stop, getCalls } = await countCalls(fixture);
      stop();
      await fixture.replace('ada', 1);
      await fixture.advance(2);
      expectEqual(getCalls(), 0, 'calls of the listener');
    },
    'a listener is not called for another key': async (fixture) => {
      await fixture.start('ada');
      const { stop, getCalls } = await countCalls(fixture, fixture.otherKey);
      await fixture.replace('ada', 1);
      await fixture.advance(2);
      expectEqual(getCalls(), 0, 'calls of the listener');
      stop();
    },
  }),
];
