import type { RegenerateCommand, ReplaceCommand } from '../../core/ports/store.ts';
import type { Bench } from '../bench.ts';
import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

/** Every way in which the session `ada` can end. Each leaves `sibling` alive, which keeps the key in the store. */
const endings: Readonly<Record<string, (bench: Bench) => Promise<unknown>>> = {
  'was destroyed': (bench) => bench.store.destroy(bench.at('ada')),
  'was revoked by its id': (bench) => bench.store.revoke(bench.key, { id: bench.id('ada') }),
  'was revoked with all others': (bench) => bench.store.revoke(bench.key, { except: bench.id('sibling') }),
  'was replaced': (bench) => bench.start('ada again', { replaces: { hash: bench.at('ada').hash } }),
  'was evicted': (bench) => bench.start('grace', { limit: { max: 2, whenFull: 'evict' } }),
  'has moved': (bench) => bench.regenerate('ada', 'moved'),
  'is past its clocks': (bench) => bench.pass(5),
};

export const endedCases: readonly StoreCase[] = [
  ...defineCases(
    'Whatever is gone stays gone: only `start` creates.',
    Object.fromEntries(
      Object.entries(endings).map(([ending, end]) => [
        `nothing brings back a session that ${ending}`,
        (bench: Bench) => expectStaysEnded(bench, end),
      ]),
    ),
  ),
  ...defineCases('Whatever is gone stays gone: only `start` creates.', {
    'nothing but start creates a session where none ever was': async (bench) => {
      await expectLateWritesFail(bench, bench.replaceCommand('ada', 1), bench.regenerateCommand('ada', 'new'));
      expectEqual(await bench.living(), [], 'live sessions');
    },
    'nothing brings back sessions after a revocation of all': async (bench) => {
      await bench.start('ada');
      const known = bench.replaceCommand('ada', 1);
      await bench.store.replace(known);
      await bench.store.revoke(bench.key, 'all');
      await expectLateWritesFail(bench, known, bench.regenerateCommand('ada', 'new', 1_000 * bench.tickMs));
      expectEqual(await bench.living(), [], 'live sessions');
    },
  }),
  ...defineCases('A session that is not found, expired or destroyed is an answer, never an error.', {
    'every method answers for a session that never was': (bench) => expectNotFoundResults(bench),
    'every method answers for a session that was destroyed': async (bench) => {
      await bench.start('ada');
      await bench.store.destroy(bench.at('ada'));
      await expectNotFoundResults(bench);
    },
    'every method answers for a session past its clocks': async (bench) => {
      await bench.start('ada', bench.short);
      await bench.pass(5);
      await expectNotFoundResults(bench);
    },
  }),
];

async function expectStaysEnded(bench: Bench, end: (bench: Bench) => Promise<unknown>): Promise<void> {
  await bench.start('ada', bench.short);
  await bench.pass(0.1);
  await bench.start('sibling');
  const known = bench.replaceCommand('ada', 1);
  await bench.store.replace(known);
  await end(bench);
  const living = await bench.living();
  const last = await bench.store.read(bench.at('ada'));
  await expectLateWritesFail(bench, known, bench.regenerateCommand('ada', 'new', 1_000 * bench.tickMs));
  await expectLateWritesFail(bench, bench.replaceCommand('ada', 2), bench.regenerateCommand('ada', 'new'));
  expectEqual(await bench.living(), living, 'live sessions after late writes');
  const found = await bench.store.read(bench.at('ada'));
  if (found !== null) expectEqual(found, last, 'what reads where the session was');
}

/** What slow, repeated or timed-out requests still send. Must find the session `ada` gone. */
async function expectLateWritesFail(
  bench: Bench,
  replace: ReplaceCommand,
  regenerate: RegenerateCommand,
): Promise<void> {
  expectEqual(await bench.store.touch(bench.at('ada')), false, 'a late touch');
  expectEqual(await bench.store.replace(replace), { status: 'not-found' }, 'a late replace');
  expectEqual(await bench.store.regenerate(regenerate), { status: 'not-found' }, 'a late regenerate');
  const moved = { key: regenerate.key, hash: regenerate.newHash };
  expectEqual(await bench.store.read(moved), null, 'reading where a late regenerate would have moved it');
}

async function expectNotFoundResults(bench: Bench): Promise<void> {
  const { store } = bench;
  await store.read(bench.at('ada'));
  expectEqual(await store.touch(bench.at('ada')), false, 'touch');
  expectEqual(await store.replace(bench.replaceCommand('ada', 1)), { status: 'not-found' }, 'replace');
  expectEqual(await store.regenerate(bench.regenerateCommand('ada', 'new')), { status: 'not-found' }, 'regenerate');
  expectEqual(await store.list(bench.key), [], 'list');
  expectEqual(await store.revoke(bench.key, { id: bench.id('ada') }), 0, 'revoke');
  // A store may still keep a session whose clocks have run out: then it is removed.
  const { status } = await store.destroy(bench.at('ada'));
  expectTrue(status === 'done' || status === 'not-found', `destroy: expected 'done' or 'not-found', found '${status}'`);
}
