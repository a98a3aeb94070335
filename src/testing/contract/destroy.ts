import type { Bench } from '../bench.ts';
import { expectEqual } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

export const endingCases: readonly StoreCase[] = [
  ...defineCases("Removes a session; `'not-found'` when there was none.", {
    'destroy removes the session and no other': async (bench) => {
      await bench.start('ada');
      await bench.start('grace');
      expectEqual(await bench.store.destroy(bench.at('ada')), { status: 'done' }, 'destroy');
      expectEqual(await bench.store.read(bench.at('ada')), null, 'reading the destroyed one');
      expectEqual(await bench.living(), ['grace'], 'live sessions');
    },
    'destroy finds nothing the second time': async (bench) => {
      await bench.start('ada');
      await bench.store.destroy(bench.at('ada'));
      expectEqual(await bench.store.destroy(bench.at('ada')), { status: 'not-found' }, 'the second destroy');
      expectEqual(await bench.store.destroy(bench.at('ada'), 1), { status: 'not-found' }, 'a third, with a revision');
    },
    'destroy at another key or hash removes nothing': async (bench) => {
      await bench.start('ada');
      expectEqual(await bench.store.destroy(bench.at('grace')), { status: 'not-found' }, 'at another hash');
      expectEqual(
        await bench.store.destroy({ ...bench.at('ada'), key: `${bench.key}2` }),
        { status: 'not-found' },
        'at another key',
      );
      expectEqual(await bench.living(), ['ada'], 'live sessions');
    },
  }),
  ...defineCases(
    'The hash that a live session had before its last regeneration removes it too: who signs out while a slow request is ' +
      'replacing the token is signed out.',
    {
      'destroy at the hash before a regeneration removes the session and no other': async (bench) => {
        await bench.start('grace');
        await bench.start('ada');
        await bench.regenerate('ada', 'new');
        expectEqual(await bench.store.destroy(bench.at('ada')), { status: 'done' }, 'destroy at the old hash');
        expectEqual(await bench.store.read(bench.at('new')), null, 'reading the new hash');
        expectEqual(await bench.living(), ['grace'], 'live sessions');
      },
      'destroy at the hash before a regeneration still works after a replace': async (bench) => {
        await bench.start('ada');
        await bench.regenerate('ada', 'new');
        await bench.replace('new', 2);
        expectEqual(await bench.store.destroy(bench.at('ada')), { status: 'done' }, 'destroy at the old hash');
        expectEqual(await bench.living(), [], 'live sessions');
      },
      'destroy at the hash before a regeneration conflicts with the revision before it': async (bench) => {
        await bench.start('ada');
        const moved = await bench.regenerate('ada', 'new');
        expectEqual(await bench.store.destroy(bench.at('ada'), 1), { status: 'conflict' }, 'destroy at the old hash');
        expectEqual(await bench.read('new'), moved, 'the session read');
      },
    },
  ),
  ...defineCases("With a revision, `'conflict'` and no change unless it still holds.", {
    'destroy with the current revision removes the session': async (bench) => {
      await bench.start('ada');
      await bench.replace('ada', 1);
      expectEqual(await bench.store.destroy(bench.at('ada'), 2), { status: 'done' }, 'destroy');
      expectEqual(await bench.living(), [], 'live sessions');
    },
    'destroy with a revision that has passed conflicts and changes nothing': async (bench) => {
      await bench.start('ada');
      const current = await bench.replace('ada', 1);
      expectEqual(await bench.store.destroy(bench.at('ada'), 1), { status: 'conflict' }, 'destroy');
      expectEqual(await bench.read('ada'), current, 'the session read');
    },
  }),
  ...defineCases('Removes the sessions of one key that are named, and says how many live ones that ended.', {
    'revoke by id ends that session alone': async (bench) => {
      await startThree(bench);
      expectEqual(await bench.store.revoke(bench.key, { id: bench.id('grace') }), 1, 'the count');
      expectEqual(await bench.living(), ['ada', 'mary'], 'live sessions');
      expectEqual(await bench.store.read(bench.at('grace')), null, 'reading the revoked one');
    },
    'revoke by an unknown id ends none': async (bench) => {
      await startThree(bench);
      expectEqual(await bench.store.revoke(bench.key, { id: bench.id('nobody') }), 0, 'the count');
      expectEqual(await bench.living(), ['ada', 'grace', 'mary'], 'live sessions');
    },
    'revoke except one ends all others': async (bench) => {
      await startThree(bench);
      expectEqual(await bench.store.revoke(bench.key, { except: bench.id('grace') }), 2, 'the count');
      expectEqual(await bench.living(), ['grace'], 'live sessions');
    },
    'revoke all ends all': async (bench) => {
      await startThree(bench);
      expectEqual(await bench.store.revoke(bench.key, 'all'), 3, 'the count');
      expectEqual(await bench.living(), [], 'live sessions');
      for (const name of ['ada', 'grace', 'mary']) {
        expectEqual(await bench.store.read(bench.at(name)), null, `reading ${name}`);
      }
      expectEqual(await bench.store.revoke(bench.key, 'all'), 0, 'the count of the second time');
    },
    'revoke does not count sessions past their clocks': async (bench) => {
      await bench.start('dead', bench.short);
      await bench.start('ada');
      await bench.pass(5);
      expectEqual(await bench.store.revoke(bench.key, { id: bench.id('dead') }), 0, 'the count of the dead one');
      expectEqual(await bench.store.revoke(bench.key, 'all'), 1, 'the count of all');
    },
    'revoke never reaches a session of another key': async (bench) => {
      const other = `${bench.key}2`;
      await bench.start('ada');
      await bench.start('grace', { key: other });
      expectEqual(await bench.store.revoke(bench.key, { id: bench.id('grace') }), 0, 'the count of an id elsewhere');
      expectEqual(await bench.store.revoke(bench.key, 'all'), 1, 'the count of all');
      expectEqual(await bench.living(other), ['grace'], 'live sessions of the other key');
    },
    'revoke finds a session that has moved': async (bench) => {
      await startThree(bench);
      await bench.regenerate('ada', 'new');
      expectEqual(await bench.store.revoke(bench.key, { id: bench.id('ada') }), 1, 'the count');
      expectEqual(await bench.store.read(bench.at('new')), null, 'reading the new hash');
    },
  }),
  ...defineCases(
    'Works when the store is out of memory.',
    {
      'destroy works when the store is out of memory': async (bench) => {
        await startThree(bench);
        await bench.ability('full')(async () => {
          expectEqual(await bench.store.destroy(bench.at('ada'), 1), { status: 'done' }, 'destroy');
          expectEqual(await bench.living(), ['grace', 'mary'], 'live sessions');
        });
      },
    },
    'full',
  ),
  ...defineCases(
    'Works like `destroy` when the store is out of memory.',
    {
      'revoke works when the store is out of memory': async (bench) => {
        await startThree(bench);
        await bench.ability('full')(async () => {
          expectEqual(await bench.store.revoke(bench.key, { except: bench.id('mary') }), 2, 'the count of the others');
          expectEqual(await bench.store.revoke(bench.key, 'all'), 1, 'the count of all');
          expectEqual(await bench.living(), [], 'live sessions');
        });
      },
    },
    'full',
  ),
  ...defineCases('Lets go of connections and timers that the store made itself.', {
    'close resolves after use': async (bench) => {
      await bench.start('ada');
      expectEqual(await bench.store.close(), undefined, 'close');
    },
  }),
  ...defineCases('Twice is fine.', {
    'close resolves twice, and without use': async ({ store }) => {
      await store.close();
      expectEqual(await store.close(), undefined, 'the second close');
    },
  }),
];

async function startThree(bench: Bench): Promise<void> {
  for (const name of ['ada', 'grace', 'mary']) {
    await bench.start(name);
    await bench.pass(0.1);
  }
}
