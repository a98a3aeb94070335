import { expectEqual } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import type { StoreFixture } from '../store-fixture.ts';

export const revokeCases: readonly StoreCase[] = [
  ...defineCases('revoke-1', {
    'revoke by id ends that session and no other': async (fixture) => {
      await startThree(fixture);
      expectEqual(await fixture.store.revoke(fixture.key, { id: fixture.toId('grace') }), 1, 'the count');
      expectEqual(await fixture.listNames(), ['ada', 'mary'], 'live sessions');
      await fixture.expectEnded('grace', 'revoked');
    },
    'revoke by an unknown id ends none': async (fixture) => {
      await startThree(fixture);
      expectEqual(await fixture.store.revoke(fixture.key, { id: fixture.toId('unknown') }), 0, 'the count');
      expectEqual(await fixture.listNames(), ['ada', 'grace', 'mary'], 'live sessions');
    },
    'revoke except one ends all others': async (fixture) => {
      await startThree(fixture);
      expectEqual(await fixture.store.revoke(fixture.key, { except: fixture.toId('grace') }), 2, 'the count');
      expectEqual(await fixture.listNames(), ['grace'], 'live sessions');
    },
    'revoke all ends all': async (fixture) => {
      await startThree(fixture);
      expectEqual(await fixture.store.revoke(fixture.key, 'all'), 3, 'the count');
      expectEqual(await fixture.listNames(), [], 'live sessions');
      for (const name of ['ada', 'grace', 'mary']) {
        await fixture.expectEnded(name, 'revoked');
      }
      expectEqual(await fixture.store.revoke(fixture.key, 'all'), 0, 'the count of the second time');
    },
    'revoke does not count expired sessions': async (fixture) => {
      await fixture.start('expired', fixture.shortLived);
      await fixture.start('ada');
      await fixture.advance(5);
      expectEqual(await fixture.store.revoke(fixture.key, { id: fixture.toId('expired') }), 0, 'the count of one');
      expectEqual(await fixture.store.revoke(fixture.key, 'all'), 1, 'the count of all');
    },
    'revoke by id ends a session that was regenerated': async (fixture) => {
      await startThree(fixture);
      await fixture.regenerate('ada', 'new');
      expectEqual(await fixture.store.revoke(fixture.key, { id: fixture.toId('ada') }), 1, 'the count');
      await fixture.expectEnded('new', 'revoked');
    },
  }),
  ...defineCases('revoke-2', {
    'revoke never ends a session of another key': async (fixture) => {
      await fixture.start('ada');
      await fixture.start('grace', { key: fixture.otherKey });
      expectEqual(
        await fixture.store.revoke(fixture.key, { id: fixture.toId('grace') }),
        0,
        'the count of a foreign id',
      );
      expectEqual(await fixture.store.revoke(fixture.key, 'all'), 1, 'the count of all');
      expectEqual(await fixture.listNames(fixture.otherKey), ['grace'], 'live sessions of the other key');
    },
  }),
  ...defineCases(
    'revoke-3',
    {
      'revoke works when the store is out of memory': async (fixture) => {
        await startThree(fixture);
        await fixture.getAbility('runOutOfMemory')(async () => {
          const except = fixture.toId('mary');
          expectEqual(await fixture.store.revoke(fixture.key, { except }), 2, 'the count of the others');
          expectEqual(await fixture.store.revoke(fixture.key, 'all'), 1, 'the count of all');
          expectEqual(await fixture.listNames(), [], 'live sessions');
        });
      },
    },
    'runOutOfMemory',
  ),
];

async function startThree(fixture: StoreFixture): Promise<void> {
  for (const name of ['ada', 'grace', 'mary']) {
    await fixture.start(name);
    await fixture.advance(0.1);
  }
}
