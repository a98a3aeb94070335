import { type Bench, countStatuses, runAtOnce } from '../bench.ts';
import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

const atomic = 'It is atomic: of calls made at once, each sees all that another did or nothing of it.';

export const atomicityCases: readonly StoreCase[] = [
  ...defineCases(atomic, {
    'of 100 replaces at once from one revision exactly one is done': async (bench) => {
      await bench.start('ada');
      const results = await runAtOnce(100, (n) => bench.store.replace(bench.replaceCommand('ada', 1, `body ${n}`)));
      expectEqual(countStatuses(results), { done: 1, conflict: 99 }, 'answers');
      const winner = results.findIndex(({ status }) => status === 'done');
      const { revision, body } = await bench.read('ada');
      expectEqual({ revision, body }, { revision: 2, body: `body ${winner}` }, 'the session afterwards');
    },
    'replaces at once that try again on conflict are all kept': async (bench) => {
      await bench.start('ada', { body: '' });
      await runAtOnce(20, (n) => appendWithRetry(bench, 'ada', `${n},`));
      const { revision, body } = await bench.read('ada');
      const kept = body.split(',').filter(Boolean).map(Number);
      expectEqual(
        kept.sort((a, b) => a - b),
        Array.from({ length: 20 }, (_, n) => n),
        'what was appended',
      );
      expectEqual(revision, 21, 'the revision after 20 replaces');
    },
    'of 20 regenerations at once of one session exactly one is done': async (bench) => {
      await bench.start('ada');
      const results = await runAtOnce(20, (n) => bench.store.regenerate(bench.regenerateCommand('ada', `ada ${n}`)));
      expectEqual(countStatuses(results), { done: 1, 'not-found': 19 }, 'answers');
      expectEqual(await bench.living(), ['ada'], 'live sessions');
    },
    'of 20 starts at once that carry one session over exactly one is done': async (bench) => {
      await bench.start('guest');
      const replaces = { hash: bench.at('guest').hash, revision: 1 };
      const results = await runAtOnce(20, (n) => bench.store.start(bench.startCommand(`ada ${n}`, { replaces })));
      expectEqual(countStatuses(results), { done: 1, conflict: 19 }, 'answers');
      expectEqual((await bench.living()).length, 1, 'live sessions');
    },
    '50 starts at once leave 50 sessions': async (bench) => {
      await runAtOnce(50, (n) => bench.start(`ada ${n}`));
      expectEqual((await bench.living()).length, 50, 'live sessions');
    },
    '20 starts at once under a limit of 5 that evicts leave 5 sessions': async (bench) => {
      await runAtOnce(20, (n) => bench.start(`ada ${n}`, { limit: { max: 5, whenFull: 'evict' } }));
      expectEqual((await bench.living()).length, 5, 'live sessions');
    },
    'of 20 starts at once under a limit of 5 that refuses 5 are done': async (bench) => {
      const limit = { max: 5, whenFull: 'refuse' } as const;
      const results = await runAtOnce(20, (n) => bench.store.start(bench.startCommand(`ada ${n}`, { limit })));
      expectEqual(countStatuses(results), { done: 5, full: 15 }, 'answers');
      expectEqual((await bench.living()).length, 5, 'live sessions');
    },
    'a revocation of all among writes at once leaves none of the sessions': async (bench) => {
      await runAtOnce(10, (n) => bench.start(`ada ${n}`));
      await Promise.all([
        ...Array.from({ length: 5 }, (_, n) => bench.store.replace(bench.replaceCommand(`ada ${n}`, 1))),
        ...Array.from({ length: 5 }, (_, n) => bench.store.regenerate(bench.regenerateCommand(`ada ${n}`, `new ${n}`))),
        bench.store.revoke(bench.key, 'all'),
        ...Array.from({ length: 5 }, (_, n) =>
          bench.store.regenerate(bench.regenerateCommand(`ada ${n + 5}`, `new ${n}`)),
        ),
        ...Array.from({ length: 5 }, (_, n) => bench.store.touch(bench.at(`ada ${n + 5}`))),
      ]);
      expectEqual(await bench.living(), [], 'live sessions');
    },
    'a list among regenerations at once always shows the session once': async (bench) => {
      await bench.start('ada');
      const [lists] = await Promise.all([
        runAtOnce(20, () => bench.living()),
        runAtOnce(20, (n) => bench.store.regenerate(bench.regenerateCommand('ada', `ada ${n}`))),
      ]);
      for (const list of lists) expectEqual(list, ['ada'], 'live sessions');
    },
  }),
  ...defineCases(
    atomic,
    {
      'a start that fails for want of memory changes nothing': async (bench) => {
        await bench.start('guest');
        const replaces = { hash: bench.at('guest').hash };
        await bench.ability('full')(async () => {
          const outcome = await bench.store.start(bench.startCommand('ada', { replaces })).catch(() => null);
          expectTrue(outcome === null || outcome.status === 'done', 'a start without memory rejects or is done');
          expectEqual(await bench.living(), outcome ? ['ada'] : ['guest'], 'live sessions');
        });
      },
    },
    'full',
  ),
];

/** Appends to the body, again from what a conflict brings. Gives up where a store never lets it through. */
async function appendWithRetry(bench: Bench, name: string, text: string): Promise<void> {
  let { revision, body } = await bench.read(name);
  for (let tries = 0; tries < 1_000; tries += 1) {
    const result = await bench.store.replace(bench.replaceCommand(name, revision, body + text));
    if (result.status === 'done') return;
    expectTrue(result.status === 'conflict', `appending ${text}: expected 'conflict', found '${result.status}'`);
    ({ revision, body } = result.session);
  }
  throw new Error(`appending ${text} conflicts without end`);
}
