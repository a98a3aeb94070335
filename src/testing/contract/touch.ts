import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

export const touchingCases: readonly StoreCase[] = [
  ...defineCases("Marks a live session as seen now, and forgets the subject's dead ones.", {
    'touch moves the time last seen, and nothing else': async (bench) => {
      const started = await bench.start('ada');
      await bench.pass(2);
      expectEqual(await bench.store.touch(bench.at('ada')), true, 'touch');
      const { lastSeenAt, ...rest } = await bench.read('ada');
      expectTrue(lastSeenAt > started.lastSeenAt + bench.tickMs, 'lastSeenAt has moved by the time that passed');
      expectEqual({ ...rest, lastSeenAt: started.lastSeenAt }, started, 'the rest of the session');
    },
    'touch keeps a session alive for as long again': async (bench) => {
      await bench.start('ada', { idleMs: 10 * bench.tickMs });
      await bench.pass(6);
      await bench.store.touch(bench.at('ada'));
      await bench.pass(6);
      expectEqual(await bench.living(), ['ada'], 'live sessions');
    },
    'touch forgets dead sessions of the same key': async (bench) => {
      await bench.start('dead', bench.short);
      await bench.start('ada');
      await bench.pass(5);
      await bench.store.touch(bench.at('ada'));
      expectEqual(await bench.store.read(bench.at('dead')), null, 'reading the dead one');
      expectEqual(await bench.living(), ['ada'], 'live sessions');
    },
    'touch leaves the other sessions as they are': async (bench) => {
      const other = await bench.start('grace');
      await bench.start('ada');
      await bench.pass(1);
      await bench.store.touch(bench.at('ada'));
      expectEqual(await bench.read('grace'), other, 'the other session');
    },
  }),
  ...defineCases(
    'Answers false for a session that is gone or past either clock, and forgets that too: touching never revives and ' +
      'never passes the absolute deadline.',
    {
      'touch past the idle clock forgets the session': async (bench) => {
        await bench.start('ada', bench.short);
        await bench.start('sibling');
        await bench.pass(5);
        await bench.store.touch(bench.at('ada'));
        expectEqual(await bench.store.read(bench.at('ada')), null, 'reading afterwards');
      },
      'touch answers false past the idle clock and does not revive': async (bench) => {
        await bench.start('ada', bench.short);
        await bench.start('sibling');
        await bench.pass(5);
        expectEqual(await bench.store.touch(bench.at('ada')), false, 'touch');
        expectEqual(await bench.living(), ['sibling'], 'live sessions');
      },
      'touch does not carry a session past its absolute deadline': async (bench) => {
        const started = await bench.start('ada', { idleMs: 6 * bench.tickMs, lifetimeMs: 6 * bench.tickMs });
        await bench.start('sibling');
        await bench.pass(3);
        expectEqual(await bench.store.touch(bench.at('ada')), true, 'touch in time');
        expectEqual((await bench.read('ada')).expiresAt, started.expiresAt, 'the deadline after a touch');
        await bench.pass(4);
        expectEqual(await bench.living(), ['sibling'], 'live sessions after the deadline');
        expectEqual(await bench.store.touch(bench.at('ada')), false, 'touch after the deadline');
        expectEqual(await bench.living(), ['sibling'], 'live sessions after a late touch');
      },
      'touch answers false for a session that was destroyed and leaves nothing': async (bench) => {
        await bench.start('ada');
        await bench.store.destroy(bench.at('ada'));
        expectEqual(await bench.store.touch(bench.at('ada')), false, 'touch');
        expectEqual(await bench.store.read(bench.at('ada')), null, 'reading afterwards');
      },
    },
  ),
];
