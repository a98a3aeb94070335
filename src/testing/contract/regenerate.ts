import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

export const regeneratingCases: readonly StoreCase[] = [
  ...defineCases('Moves a live session to a new hash in one step; the old one is dead at once.', {
    'regenerate moves the session to the new hash': async (bench) => {
      await bench.start('ada');
      const moved = await bench.regenerate('ada', 'new');
      expectEqual(await bench.read('new'), moved, 'the session at the new hash');
      expectEqual(await bench.living(), ['ada'], 'live sessions');
    },
    'the old hash is dead at once after regenerate': async (bench) => {
      await bench.start('ada');
      await bench.regenerate('ada', 'new');
      expectEqual(await bench.store.read(bench.at('ada')), null, 'reading the old hash');
      expectEqual(await bench.store.touch(bench.at('ada')), false, 'touching the old hash');
      expectEqual(
        await bench.store.replace(bench.replaceCommand('ada', 2)),
        { status: 'not-found' },
        'replacing there',
      );
    },
    'regenerate leaves the other sessions as they are': async (bench) => {
      const other = await bench.start('grace');
      await bench.start('ada');
      await bench.pass(1);
      await bench.regenerate('ada', 'new');
      expectEqual(await bench.read('grace'), other, 'the other session');
    },
  }),
  ...defineCases('Body, id and clocks stay, and the revision counts up.', {
    'regenerate keeps body, id and clocks and counts the revision up': async (bench) => {
      const started = await bench.start('ada');
      await bench.pass(1);
      const moved = await bench.regenerate('ada', 'new');
      expectEqual(moved, { ...started, revision: 2 }, 'the session answered');
    },
    'a replace from the revision before a regeneration conflicts': async (bench) => {
      await bench.start('ada');
      await bench.regenerate('ada', 'new');
      expectEqual((await bench.store.replace(bench.replaceCommand('new', 1))).status, 'conflict', 'replace');
    },
    'regenerate does not keep a session alive': async (bench) => {
      await bench.start('ada', { idleMs: 6 * bench.tickMs });
      await bench.start('sibling');
      await bench.pass(3);
      await bench.regenerate('ada', 'new');
      await bench.pass(4);
      expectEqual(await bench.living(), ['sibling'], 'live sessions');
    },
  }),
  ...defineCases('With `renewMs` it is authenticated and seen now, and has that long until its absolute deadline.', {
    'regenerate with renewMs starts both clocks anew and keeps createdAt': async (bench) => {
      const started = await bench.start('ada', { lifetimeMs: 1_000 * bench.tickMs });
      await bench.pass(2);
      const renewMs = 1_500 * bench.tickMs;
      const { createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs } = await bench.regenerate(
        'ada',
        'new',
        renewMs,
      );
      expectTrue(authenticatedAt > started.authenticatedAt + bench.tickMs, 'authenticatedAt has moved to now');
      expectEqual(
        { createdAt, lastSeenAt, expiresAt, idleMs },
        {
          createdAt: started.createdAt,
          lastSeenAt: authenticatedAt,
          expiresAt: authenticatedAt + renewMs,
          idleMs: started.idleMs,
        },
        'the clocks',
      );
    },
    'regenerate with renewMs keeps a session alive past both of its former clocks': async (bench) => {
      await bench.start('ada', { idleMs: 8 * bench.tickMs, lifetimeMs: 8 * bench.tickMs });
      await bench.pass(4);
      await bench.regenerate('ada', 'new', 1_000 * bench.tickMs);
      await bench.pass(5);
      expectEqual(await bench.living(), ['ada'], 'live sessions');
    },
  }),
  ...defineCases("`'taken'`, and no change, where the new hash is in use.", {
    'regenerate to the hash of another session is taken and changes nothing': async (bench) => {
      const sessions = [await bench.start('ada'), await bench.start('grace')];
      const result = await bench.store.regenerate(bench.regenerateCommand('ada', 'grace'));
      expectEqual(result, { status: 'taken' }, 'regenerate');
      expectEqual([await bench.read('ada'), await bench.read('grace')], sessions, 'both sessions');
    },
  }),
  ...defineCases("A session past its clocks is `'not-found'` and moves nowhere.", {
    'regenerate past the idle clock is gone, with renewMs too': async (bench) => {
      await bench.start('ada', bench.short);
      await bench.start('sibling');
      await bench.pass(5);
      for (const renewMs of [undefined, 1_000 * bench.tickMs]) {
        const result = await bench.store.regenerate(bench.regenerateCommand('ada', 'new', renewMs));
        expectEqual(result, { status: 'not-found' }, `regenerate with renewMs ${renewMs}`);
      }
      expectEqual(await bench.store.read(bench.at('new')), null, 'reading the new hash');
      expectEqual(await bench.living(), ['sibling'], 'live sessions');
    },
    'regenerate past the absolute deadline is gone': async (bench) => {
      await bench.start('ada', { idleMs: 6 * bench.tickMs, lifetimeMs: 6 * bench.tickMs });
      await bench.start('sibling');
      await bench.pass(3);
      await bench.store.touch(bench.at('ada'));
      await bench.pass(4);
      const result = await bench.store.regenerate(bench.regenerateCommand('ada', 'new'));
      expectEqual(result, { status: 'not-found' }, 'regenerate');
      expectEqual(await bench.living(), ['sibling'], 'live sessions');
    },
  }),
  ...defineCases(
    'So is one that was moved by this nonce and has been moved back: a repetition that comes late moves it no second time.',
    {
      'a regenerate that was undone is gone when it is repeated': async (bench) => {
        await bench.start('ada');
        const command = bench.regenerateCommand('ada', 'new');
        await bench.store.regenerate(command);
        const back = await bench.regenerate('new', 'ada');
        expectEqual(await bench.store.regenerate(command), { status: 'not-found' }, 'the repetition');
        expectEqual(await bench.read('ada'), back, 'the session read');
      },
    },
  ),
];
