import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import { countStatuses, runAtOnce, type StoreFixture } from '../store-fixture.ts';

export const concurrentCallCases: readonly StoreCase[] = [
  ...defineCases('all-1', {
    'of 100 concurrent replaces from one revision, exactly one is done': async (fixture) => {
      await fixture.start('ada');
      const results = await runAtOnce(100, (n) => fixture.store.replace(fixture.buildReplace('ada', 1, `body ${n}`)));
      expectEqual(countStatuses(results), { done: 1, conflict: 99 }, 'the results');
      const winner = results.findIndex(({ status }) => status === 'done');
      const { revision, body } = await fixture.read('ada');
      expectEqual({ revision, body }, { revision: 2, body: `body ${winner}` }, 'the session afterwards');
    },
    'concurrent replaces that are retried after a conflict are all kept': async (fixture) => {
      await fixture.start('ada', { body: '' });
      await runAtOnce(20, (n) => appendWithRetry(fixture, 'ada', `${n},`));
      const { revision, body } = await fixture.read('ada');
      const kept = body.split(',').filter(Boolean).map(Number);
      expectEqual(
        kept.sort((a, b) => a - b),
        Array.from({ length: 20 }, (_, n) => n),
        'what was appended',
      );
      expectEqual(revision, 21, 'the revision after 20 replaces');
    },
    'of 20 concurrent regenerations of one session, exactly one is done': async (fixture) => {
      await fixture.start('ada');
      const results = await runAtOnce(20, (n) => fixture.store.regenerate(fixture.buildRegenerate('ada', `ada ${n}`)));
      expectEqual(countStatuses(results), { done: 1, 'not-found': 19 }, 'the results');
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
    'of 20 concurrent starts that replace one session at a revision, exactly one is done': async (fixture) => {
      await fixture.start('guest');
      const replaces = { hash: fixture.toAddress('guest').hash, revision: 1 };
      const results = await runAtOnce(20, (n) => fixture.store.start(fixture.buildStart(`ada ${n}`, { replaces })));
      expectEqual(countStatuses(results), { done: 1, conflict: 19 }, 'the results');
      expectEqual((await fixture.listNames()).length, 1, 'live sessions');
    },
    '50 concurrent starts leave 50 sessions': async (fixture) => {
      await runAtOnce(50, (n) => fixture.start(`ada ${n}`));
      expectEqual((await fixture.listNames()).length, 50, 'live sessions');
    },
    '20 concurrent starts at a limit of 5 that evicts leave 5 sessions': async (fixture) => {
      await runAtOnce(20, (n) => fixture.start(`ada ${n}`, { limit: { max: 5, whenFull: 'evict' } }));
      expectEqual((await fixture.listNames()).length, 5, 'live sessions');
    },
    'of 20 concurrent starts at a limit of 5 that refuses, exactly 5 are done': async (fixture) => {
      const limit = { max: 5, whenFull: 'refuse' } as const;
      const results = await runAtOnce(20, (n) => fixture.store.start(fixture.buildStart(`ada ${n}`, { limit })));
      expectEqual(countStatuses(results), { done: 5, full: 15 }, 'the results');
      expectEqual((await fixture.listNames()).length, 5, 'live sessions');
    },
    'a revocation of all among concurrent writes leaves no session': async (fixture) => {
      await runAtOnce(10, (n) => fixture.start(`ada ${n}`));
      const { store } = fixture;
      await Promise.all([
        runAtOnce(5, (n) => store.replace(fixture.buildReplace(`ada ${n}`, 1))),
        runAtOnce(5, (n) => store.regenerate(fixture.buildRegenerate(`ada ${n}`, `new ${n}`))),
        store.revoke(fixture.key, 'all'),
        runAtOnce(5, (n) => store.regenerate(fixture.buildRegenerate(`ada ${n + 5}`, `new ${n}`))),
        runAtOnce(5, (n) => store.touch(fixture.toAddress(`ada ${n + 5}`))),
      ]);
      expectEqual(await fixture.listNames(), [], 'live sessions');
    },
    'a list among concurrent regenerations always contains the session once': async (fixture) => {
      await fixture.start('ada');
      const [lists] = await Promise.all([
        runAtOnce(20, () => fixture.listNames()),
        runAtOnce(20, (n) => fixture.store.regenerate(fixture.buildRegenerate('ada', `ada ${n}`))),
      ]);
      for (const list of lists) expectEqual(list, ['ada'], 'live sessions');
    },
  }),
  ...defineCases(
    'all-1',
    {
      'a start that fails because memory is full changes nothing': async (fixture) => {
        await fixture.start('guest');
        const replaces = { hash: fixture.toAddress('guest').hash };
        await fixture.getAbility('runOutOfMemory')(async () => {
          const outcome = await fixture.store.start(fixture.buildStart('ada', { replaces })).catch(() => null);
          expectTrue(outcome === null || outcome.status === 'done', 'a start without memory rejects or is done');
          expectEqual(await fixture.listNames(), outcome ? ['ada'] : ['guest'], 'live sessions');
        });
      },
    },
    'runOutOfMemory',
  ),
];

/** Appends to the body, and retries after a conflict. Gives up after 1,000 tries. */
async function appendWithRetry(fixture: StoreFixture, name: string, text: string): Promise<void> {
  let { revision, body } = await fixture.read(name);
  for (let tries = 0; tries < 1_000; tries += 1) {
    const result = await fixture.store.replace(fixture.buildReplace(name, revision, body + text));
    if (result.status === 'done') return;
    expectTrue(result.status === 'conflict', `appending ${text}: expected 'conflict', found '${result.status}'`);
    ({ revision, body } = result.session);
  }
  throw new Error(`appending ${text} conflicts every time`);
}
