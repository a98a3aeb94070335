import { type Bench, countStatuses, expectDone, runAtOnce } from '../bench.ts';
import { expectEqual } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

const most = 15;
const refusingLimit = { limit: { max: 1, whenFull: 'refuse' } } as const;

export const repeatingCases: readonly StoreCase[] = [
  ...defineCases(
    'Repeating a write with the same nonce changes nothing more and answers as the first time, as long as its session is ' +
      'where that write left it, also when up to 15 other writes to it came between.',
    {
      'a start repeated is done and changes nothing': async (bench) => {
        const command = bench.startCommand('ada');
        const first = await bench.store.start(command);
        expectEqual(await bench.store.start(command), first, 'the repetition');
        expectEqual(await bench.store.list(bench.key), [expectDone(first, 'start')], 'the sessions listed');
      },
      'a start repeated does not restart the clocks': async (bench) => {
        const command = bench.startCommand('ada');
        const first = await bench.store.start(command);
        await bench.pass(2);
        expectEqual(await bench.store.start(command), first, 'the repetition');
      },
      'a start repeated is done after 15 other writes': async (bench) => {
        const command = bench.startCommand('ada');
        await bench.store.start(command);
        const current = await writeRepeatedly(bench, 'ada', 1);
        expectEqual(expectDone(await bench.store.start(command), 'the repetition'), current, 'the session answered');
      },
      'a limit that refuses does not refuse the repetition of its own success': async (bench) => {
        const command = bench.startCommand('ada', refusingLimit);
        const first = await bench.store.start(command);
        expectEqual(await bench.store.start(command), first, 'the repetition');
        const other = await bench.store.start(bench.startCommand('grace', refusingLimit));
        expectEqual(other, { status: 'full' }, 'another start');
      },
      'a limit that evicts ends nobody more when a start is repeated': async (bench) => {
        const limit = { max: 2, whenFull: 'evict' } as const;
        await bench.start('ada');
        await bench.pass(1);
        const command = bench.startCommand('grace', { limit });
        await bench.store.start(command);
        await bench.store.start(command);
        expectEqual(await bench.living(), ['ada', 'grace'], 'live sessions');
      },
      'a start that carried a session over is done when it is repeated': async (bench) => {
        await bench.start('guest');
        const command = bench.startCommand('ada', { replaces: { hash: bench.at('guest').hash, revision: 1 } });
        const first = await bench.store.start(command);
        expectEqual(await bench.store.start(command), first, 'the repetition');
      },
      'a replace repeated is done and counts the revision once': async (bench) => {
        await bench.start('ada');
        const command = bench.replaceCommand('ada', 1);
        const first = await bench.store.replace(command);
        expectEqual(await bench.store.replace(command), first, 'the repetition');
        expectEqual(await bench.read('ada'), expectDone(first, 'replace'), 'the session read');
      },
      'a replace repeated is done after 15 other writes, and undoes none of them': async (bench) => {
        await bench.start('ada');
        const command = bench.replaceCommand('ada', 1);
        await bench.store.replace(command);
        const current = await writeRepeatedly(bench, 'ada', 2);
        expectEqual(expectDone(await bench.store.replace(command), 'the repetition'), current, 'the session answered');
        expectEqual(await bench.read('ada'), current, 'the session read');
      },
      'a regenerate repeated is done and changes nothing': async (bench) => {
        await bench.start('ada');
        const command = bench.regenerateCommand('ada', 'new', 1_500 * bench.tickMs);
        const first = await bench.store.regenerate(command);
        await bench.pass(1);
        expectEqual(await bench.store.regenerate(command), first, 'the repetition');
        expectEqual(await bench.store.list(bench.key), [expectDone(first, 'regenerate')], 'the sessions listed');
      },
      'a regenerate repeated is done after 15 other writes': async (bench) => {
        await bench.start('ada');
        const command = bench.regenerateCommand('ada', 'new');
        await bench.store.regenerate(command);
        const current = await writeRepeatedly(bench, 'new', 2);
        expectEqual(
          expectDone(await bench.store.regenerate(command), 'the repetition'),
          current,
          'the session answered',
        );
      },
      'writes remembered from before a regeneration are known after it': async (bench) => {
        await bench.start('ada');
        const command = bench.replaceCommand('ada', 1);
        await bench.store.replace(command);
        const moved = await bench.regenerate('ada', 'new');
        const repeated = await bench.store.replace({ ...command, hash: bench.at('new').hash });
        expectEqual(expectDone(repeated, 'the repetition'), moved, 'the session answered');
      },
      'the same write 20 times at once is done once': async (bench) => {
        const start = bench.startCommand('ada', refusingLimit);
        expectEqual(countStatuses(await runAtOnce(20, () => bench.store.start(start))), { done: 20 }, 'starts');
        const replace = bench.replaceCommand('ada', 1);
        expectEqual(countStatuses(await runAtOnce(20, () => bench.store.replace(replace))), { done: 20 }, 'replaces');
        const regenerate = bench.regenerateCommand('ada', 'new');
        expectEqual(
          countStatuses(await runAtOnce(20, () => bench.store.regenerate(regenerate))),
          { done: 20 },
          'regenerations',
        );
        expectEqual((await bench.read('new')).revision, 3, 'the revision');
        expectEqual(await bench.living(), ['ada'], 'live sessions');
      },
    },
  ),
];

/** As many other writes as a repetition must survive. */
async function writeRepeatedly(bench: Bench, name: string, revision: number): ReturnType<Bench['replace']> {
  for (let n = 0; n < most - 1; n += 1) await bench.replace(name, revision + n);
  return bench.replace(name, revision + most - 1);
}
