import type { SessionStore } from '../../core/ports/store.ts';
import type { Bench } from '../bench.ts';
import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

const calls: Readonly<Record<string, (store: SessionStore, bench: Bench) => Promise<unknown>>> = {
  read: (store, bench) => store.read(bench.at('ada')),
  touch: (store, bench) => store.touch(bench.at('ada')),
  start: (store, bench) => store.start(bench.startCommand('ada')),
  replace: (store, bench) => store.replace(bench.replaceCommand('ada', 1)),
  regenerate: (store, bench) => store.regenerate(bench.regenerateCommand('ada', 'new')),
  destroy: (store, bench) => store.destroy(bench.at('ada')),
  list: (store, bench) => store.list(bench.key),
  revoke: (store, bench) => store.revoke(bench.key, 'all'),
};

const leavesNothing = 'What has to be tried for that is tried under this key, and leaves nothing.';

/** How much later than its deadline a busy machine may let a promise settle. */
const slackMs = 1_000;

export const reachingCases: readonly StoreCase[] = [
  ...defineCases(
    "It rejects only when the store cannot be reached or failed, and settles within the store's deadline.",
    Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [
        `${name} rejects within the deadline when the store does not answer`,
        (bench: Bench) => expectRejectsInTime(bench, call),
      ]),
    ),
    'unreachable',
  ),
  ...defineCases('Rejects when the store cannot be used.', {
    'ping resolves when the store can be used': async ({ store, key }) => {
      expectEqual(await store.ping(key), undefined, 'ping');
    },
  }),
  ...defineCases(leavesNothing, {
    'ping leaves no session': async ({ store, key }) => {
      await store.ping(key);
      expectEqual(await store.list(key), [], 'sessions listed');
    },
  }),
  ...defineCases(
    leavesNothing,
    {
      'ping leaves nothing at all': async (bench) => {
        await bench.store.ping(bench.key);
        expectEqual(await bench.ability('exists')(bench.key), false, 'whether the key exists');
      },
    },
    'exists',
  ),
  ...defineCases(
    'Rejects when the store cannot be used.',
    {
      'ping rejects within the deadline when the store does not answer': (bench) =>
        expectRejectsInTime(bench, (store) => store.ping(bench.key)),
    },
    'unreachable',
  ),
];

async function expectRejectsInTime(
  bench: Bench,
  call: (store: SessionStore, bench: Bench) => Promise<unknown>,
): Promise<void> {
  const { store, deadlineMs } = await bench.ability('unreachable')();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), deadlineMs + slackMs);
  });
  const settled = call(store, bench).then(
    () => 'resolved',
    () => 'rejected',
  );
  const outcome = await Promise.race([settled, late]);
  clearTimeout(timer);
  await store.close().catch(() => {});
  expectTrue(outcome === 'rejected', `expected the call to reject within ${deadlineMs} ms, and it was ${outcome}`);
}
