import { expectEqual } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import { countStatuses, expectDone, runAtOnce, type StoreFixture, toHeader } from '../store-fixture.ts';

const otherWrites = 15;
const refuseAboveOne = { limit: { max: 1, whenFull: 'refuse' } } as const;

export const repeatedWriteCases: readonly StoreCase[] = [
  ...defineCases('all-5', {
    'a repeated start is done and changes nothing': async (fixture) => {
      const command = fixture.buildStart('ada');
      const first = await fixture.store.start(command);
      expectEqual(await fixture.store.start(command), first, 'the repetition');
      expectEqual(await fixture.listHeaders(), [toHeader(expectDone(first, 'start'))], 'the sessions listed');
    },
    'a repeated start does not restart the clocks': async (fixture) => {
      const command = fixture.buildStart('ada');
      const first = await fixture.store.start(command);
      await fixture.advance(2);
      expectEqual(await fixture.store.start(command), first, 'the repetition');
    },
    'a limit that refuses does not refuse the repetition of a start that was done': async (fixture) => {
      const command = fixture.buildStart('ada', refuseAboveOne);
      const first = await fixture.store.start(command);
      expectEqual(await fixture.store.start(command), first, 'the repetition');
      const other = await fixture.store.start(fixture.buildStart('grace', refuseAboveOne));
      expectEqual(other, { status: 'full' }, 'another start');
    },
    'a limit that evicts ends no further session when a start is repeated': async (fixture) => {
      const limit = { max: 2, whenFull: 'evict' } as const;
      await fixture.start('ada');
      await fixture.advance(1);
      const command = fixture.buildStart('grace', { limit });
      await fixture.store.start(command);
      await fixture.store.start(command);
      expectEqual(await fixture.listNames(), ['ada', 'grace'], 'live sessions');
    },
    'a repeated start is done although the session it replaced no longer exists': async (fixture) => {
      await fixture.start('guest');
      const replaces = { hash: fixture.toAddress('guest').hash, revision: 1 };
      const command = fixture.buildStart('ada', { replaces });
      const first = await fixture.store.start(command);
      expectEqual(await fixture.store.start(command), first, 'the repetition');
    },
    'a repeated replace is done and counts the revision once': async (fixture) => {
      await fixture.start('ada');
      const command = fixture.buildReplace('ada', 1);
      const first = await fixture.store.replace(command);
      expectEqual(await fixture.store.replace(command), first, 'the repetition');
      expectEqual(await fixture.read('ada'), expectDone(first, 'replace'), 'the session read');
    },
    'a repeated regenerate is done and changes nothing': async (fixture) => {
      await fixture.start('ada');
      const command = fixture.buildRegenerate('ada', 'new', 1_500 * fixture.tickMs);
      const first = await fixture.store.regenerate(command);
      await fixture.advance(1);
      expectEqual(await fixture.store.regenerate(command), first, 'the repetition');
      expectEqual(await fixture.listHeaders(), [toHeader(expectDone(first, 'regenerate'))], 'the sessions listed');
    },
    'a write from before a regeneration is recognized after it': async (fixture) => {
      await fixture.start('ada');
      const command = fixture.buildReplace('ada', 1);
      await fixture.store.replace(command);
      const moved = await fixture.regenerate('ada', 'new');
      const repeated = await fixture.store.replace({ ...command, hash: fixture.toAddress('new').hash });
      expectEqual(expectDone(repeated, 'the repetition'), moved, 'the session returned');
    },
    'the same write, sent 20 times concurrently, is done once': async (fixture) => {
      const { store } = fixture;
      const start = fixture.buildStart('ada', refuseAboveOne);
      expectEqual(countStatuses(await runAtOnce(20, () => store.start(start))), { done: 20 }, 'starts');
      const replace = fixture.buildReplace('ada', 1);
      expectEqual(countStatuses(await runAtOnce(20, () => store.replace(replace))), { done: 20 }, 'replaces');
      const regenerate = fixture.buildRegenerate('ada', 'new');
      const regenerations = await runAtOnce(20, () => store.regenerate(regenerate));
      expectEqual(countStatuses(regenerations), { done: 20 }, 'regenerations');
      expectEqual((await fixture.read('new')).revision, 3, 'the revision');
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
  }),
  ...defineCases('all-6', {
    'a repeated start is done after 15 other writes': async (fixture) => {
      const command = fixture.buildStart('ada');
      await fixture.store.start(command);
      const current = await writeRepeatedly(fixture, 'ada', 1);
      expectEqual(expectDone(await fixture.store.start(command), 'the repetition'), current, 'the session returned');
    },
    'a repeated replace is done after 15 other writes, and undoes none of them': async (fixture) => {
      await fixture.start('ada');
      const command = fixture.buildReplace('ada', 1);
      await fixture.store.replace(command);
      const current = await writeRepeatedly(fixture, 'ada', 2);
      expectEqual(expectDone(await fixture.store.replace(command), 'the repetition'), current, 'the session returned');
      expectEqual(await fixture.read('ada'), current, 'the session read');
    },
    'a repeated regenerate is done after 15 other writes': async (fixture) => {
      await fixture.start('ada');
      const command = fixture.buildRegenerate('ada', 'new');
      await fixture.store.regenerate(command);
      const current = await writeRepeatedly(fixture, 'new', 2);
      const repeated = await fixture.store.regenerate(command);
      expectEqual(expectDone(repeated, 'the repetition'), current, 'the session returned');
    },
  }),
];

/** Makes as many other writes as must not hide a repetition. Returns the session after the last one. */
async function writeRepeatedly(
  fixture: StoreFixture,
  name: string,
  revision: number,
): ReturnType<StoreFixture['replace']> {
  for (let n = 0; n < otherWrites - 1; n += 1) await fixture.replace(name, revision + n);
  return fixture.replace(name, revision + otherWrites - 1);
}
