import { expectEqual } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

const done = { status: 'done' };
const notFound = { status: 'not-found' };
const conflict = { status: 'conflict' };

export const destroyCases: readonly StoreCase[] = [
  ...defineCases('destroy-1', {
    'destroy removes the session and no other': async (fixture) => {
      await fixture.start('ada');
      await fixture.start('grace');
      expectEqual(await fixture.store.destroy(fixture.toAddress('ada')), done, 'destroy');
      await fixture.expectEnded('ada', 'signed-out');
      expectEqual(await fixture.listNames(), ['grace'], 'live sessions');
    },
  }),
  ...defineCases('destroy-2', {
    'destroy of a destroyed session is not found': async (fixture) => {
      await fixture.start('ada');
      await fixture.store.destroy(fixture.toAddress('ada'));
      expectEqual(await fixture.store.destroy(fixture.toAddress('ada')), notFound, 'the second destroy');
      expectEqual(await fixture.store.destroy(fixture.toAddress('ada'), 1), notFound, 'a third, with a revision');
    },
    'destroy at another key or hash removes nothing': async (fixture) => {
      await fixture.start('ada');
      const elsewhere = { ...fixture.toAddress('ada'), key: fixture.otherKey };
      expectEqual(await fixture.store.destroy(fixture.toAddress('grace')), notFound, 'at another hash');
      expectEqual(await fixture.store.destroy(elsewhere), notFound, 'at another key');
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
  }),
  ...defineCases('destroy-3', {
    'destroy at the hash before a regeneration removes the session and no other': async (fixture) => {
      await fixture.start('grace');
      await fixture.start('ada');
      await fixture.regenerate('ada', 'new');
      expectEqual(await fixture.store.destroy(fixture.toAddress('ada')), done, 'destroy at the old hash');
      await fixture.expectEnded('new', 'signed-out');
      expectEqual(await fixture.listNames(), ['grace'], 'live sessions');
    },
    'destroy at the hash before a regeneration still works after a replace': async (fixture) => {
      await fixture.start('ada');
      await fixture.regenerate('ada', 'new');
      await fixture.replace('new', 2);
      expectEqual(await fixture.store.destroy(fixture.toAddress('ada')), done, 'destroy at the old hash');
      expectEqual(await fixture.listNames(), [], 'live sessions');
    },
  }),
  ...defineCases('destroy-4', {
    'destroy at the hash and revision before a regeneration conflicts': async (fixture) => {
      await fixture.start('ada');
      const moved = await fixture.regenerate('ada', 'new');
      expectEqual(await fixture.store.destroy(fixture.toAddress('ada'), 1), conflict, 'destroy at the old hash');
      expectEqual(await fixture.read('new'), moved, 'the session read');
    },
    'destroy with the current revision removes the session': async (fixture) => {
      await fixture.start('ada');
      await fixture.replace('ada', 1);
      expectEqual(await fixture.store.destroy(fixture.toAddress('ada'), 2), done, 'destroy');
      expectEqual(await fixture.listNames(), [], 'live sessions');
    },
    'destroy with an earlier revision conflicts and changes nothing': async (fixture) => {
      await fixture.start('ada');
      const current = await fixture.replace('ada', 1);
      expectEqual(await fixture.store.destroy(fixture.toAddress('ada'), 1), conflict, 'destroy');
      expectEqual(await fixture.read('ada'), current, 'the session read');
    },
  }),
  ...defineCases(
    'destroy-5',
    {
      'destroy works when the store is out of memory': async (fixture) => {
        for (const name of ['ada', 'grace', 'mary']) {
          await fixture.start(name);
          await fixture.advance(0.1);
        }
        await fixture.getAbility('runOutOfMemory')(async () => {
          expectEqual(await fixture.store.destroy(fixture.toAddress('ada'), 1), done, 'destroy');
          expectEqual(await fixture.listNames(), ['grace', 'mary'], 'live sessions');
        });
      },
    },
    'runOutOfMemory',
  ),
  ...defineCases('destroy-6', {
    'destroy without a reason leaves the reason signed-out': async (fixture) => {
      await fixture.start('ada');
      await fixture.store.destroy(fixture.toAddress('ada'), 1);
      await fixture.expectEnded('ada', 'signed-out');
    },
  }),
];
