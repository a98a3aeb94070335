import { expectDone } from '../bench.ts';
import { expectEqual } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

const evictAbove = (max: number) => ({ limit: { max, whenFull: 'evict' } }) as const;
const refuseAbove = (max: number) => ({ limit: { max, whenFull: 'refuse' } }) as const;

export const startingCases: readonly StoreCase[] = [
  ...defineCases('Adds a session at revision 1.', {
    'start adds a session at revision 1 with the id and body given': async (bench) => {
      const { revision, id, body } = await bench.start('ada', { body: 'hello' });
      expectEqual({ revision, id, body }, { revision: 1, id: bench.id('ada'), body: 'hello' }, 'the session started');
      expectEqual(await bench.living(), ['ada'], 'live sessions');
    },
  }),
  ...defineCases("Refuses to overwrite: `'taken'`.", {
    'start at a hash in use is taken and changes nothing': async (bench) => {
      const first = await bench.start('ada');
      const second = bench.startCommand('ada', { body: 'another', id: bench.id('grace') });
      expectEqual(await bench.store.start(second), { status: 'taken' }, 'the second start');
      expectEqual(await bench.store.list(bench.key), [first], 'the sessions listed');
    },
  }),
  ...defineCases(
    "The one it replaces is removed in the same step; with a revision, `'conflict'` and no change unless the replaced " +
      'one is still at that revision.',
    {
      'start removes the session that it replaces': async (bench) => {
        await bench.start('guest');
        await bench.start('ada', { replaces: { hash: bench.at('guest').hash } });
        expectEqual(await bench.store.read(bench.at('guest')), null, 'reading the replaced one');
        expectEqual(await bench.living(), ['ada'], 'live sessions');
      },
      'start carries over a session that is still at its revision': async (bench) => {
        await bench.start('guest');
        await bench.replace('guest', 1);
        await bench.start('ada', { replaces: { hash: bench.at('guest').hash, revision: 2 } });
        expectEqual(await bench.living(), ['ada'], 'live sessions');
      },
      'start conflicts with a replaced session that has changed, and changes nothing': async (bench) => {
        await bench.start('guest');
        const changed = await bench.replace('guest', 1);
        const command = bench.startCommand('ada', { replaces: { hash: bench.at('guest').hash, revision: 1 } });
        expectEqual(await bench.store.start(command), { status: 'conflict' }, 'start');
        expectEqual(await bench.store.list(bench.key), [changed], 'the sessions listed');
      },
      'start conflicts with a replaced session of a revision that is gone, and adds nothing': async (bench) => {
        await bench.start('guest');
        await bench.store.destroy(bench.at('guest'));
        const command = bench.startCommand('ada', { replaces: { hash: bench.at('guest').hash, revision: 1 } });
        expectEqual(await bench.store.start(command), { status: 'conflict' }, 'start');
        expectEqual(await bench.living(), [], 'live sessions');
      },
      'start without a revision replaces a session that is gone': async (bench) => {
        await bench.start('ada', { replaces: { hash: bench.at('guest').hash } });
        expectEqual(await bench.living(), ['ada'], 'live sessions');
      },
    },
  ),
  ...defineCases('It is found as `destroy` finds it.', {
    'start removes the replaced session by the hash before its regeneration': async (bench) => {
      await bench.start('grace');
      await bench.pass(1);
      await bench.start('ada');
      await bench.regenerate('ada', 'moved');
      await bench.start('new', { replaces: { hash: bench.at('ada').hash } });
      expectEqual(await bench.living(), ['grace', 'new'], 'live sessions');
    },
  }),
  ...defineCases("`'full'` when the limit refuses; then nothing is changed.", {
    'start is full at a limit that refuses, and changes nothing': async (bench) => {
      const kept = [await bench.start('ada'), await bench.start('grace')];
      const result = await bench.store.start(bench.startCommand('mary', refuseAbove(2)));
      expectEqual(result, { status: 'full' }, 'start');
      expectEqual(new Set(await bench.store.list(bench.key)), new Set(kept), 'the sessions listed');
      expectEqual(await bench.store.read(bench.at('mary')), null, 'reading the refused one');
    },
    'start is full without removing the session that it would replace': async (bench) => {
      for (const name of ['ada', 'grace', 'guest']) await bench.start(name);
      const replaces = { hash: bench.at('guest').hash };
      const result = await bench.store.start(bench.startCommand('mary', { ...refuseAbove(2), replaces }));
      expectEqual(result, { status: 'full' }, 'start');
      expectEqual(new Set(await bench.living()), new Set(['ada', 'grace', 'guest']), 'live sessions');
    },
    'a limit holds for one key': async (bench) => {
      await bench.start('ada');
      await bench.start('grace', { ...refuseAbove(1), key: `${bench.key}2` });
      expectEqual(await bench.living(), ['ada'], 'live sessions');
    },
  }),
  ...defineCases('A limit that evicts ends the oldest sessions, as many as there are too many.', {
    'start under a limit that evicts ends the oldest session': async (bench) => {
      for (const name of ['ada', 'grace', 'mary']) {
        await bench.start(name, evictAbove(2));
        await bench.pass(1);
      }
      expectEqual(await bench.living(), ['grace', 'mary'], 'live sessions');
      expectEqual(await bench.store.read(bench.at('ada')), null, 'reading the evicted one');
    },
    'the oldest is the one that signed in first, however lately it was seen': async (bench) => {
      for (const name of ['ada', 'grace']) {
        await bench.start(name);
        await bench.pass(1);
      }
      await bench.store.touch(bench.at('ada'));
      await bench.replace('ada', 1);
      await bench.start('mary', evictAbove(2));
      expectEqual(await bench.living(), ['grace', 'mary'], 'live sessions');
    },
    'start under a lower limit ends as many as are too many': async (bench) => {
      for (const name of ['ada', 'grace', 'mary', 'joan']) {
        await bench.start(name);
        await bench.pass(1);
      }
      await bench.start('lise', evictAbove(2));
      expectEqual(await bench.living(), ['joan', 'lise'], 'live sessions');
    },
  }),
  ...defineCases('The limit counts live sessions, never the replaced one.', {
    'a limit does not count sessions past their clocks': async (bench) => {
      await bench.start('dead', bench.short);
      await bench.start('ada');
      await bench.pass(5);
      expectDone(await bench.store.start(bench.startCommand('grace', refuseAbove(2))), 'starting beside a dead one');
      expectEqual(await bench.living(), ['ada', 'grace'], 'live sessions');
    },
    'a limit that refuses does not count the session that is replaced': async (bench) => {
      await bench.start('ada', refuseAbove(1));
      const replaces = { hash: bench.at('ada').hash };
      expectDone(
        await bench.store.start(bench.startCommand('ada again', { ...refuseAbove(1), replaces })),
        'replacing',
      );
      expectEqual(await bench.living(), ['ada again'], 'live sessions');
    },
    'a limit that evicts ends nobody when the replaced session makes room': async (bench) => {
      await bench.start('ada', evictAbove(2));
      await bench.pass(1);
      await bench.start('guest', evictAbove(2));
      await bench.pass(1);
      await bench.start('grace', { ...evictAbove(2), replaces: { hash: bench.at('guest').hash } });
      expectEqual(await bench.living(), ['ada', 'grace'], 'live sessions');
    },
  }),
];
