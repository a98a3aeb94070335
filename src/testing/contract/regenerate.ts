import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

export const regenerateCases: readonly StoreCase[] = [
  ...defineCases('regenerate-1', {
    'regenerate moves the session to the new hash': async (fixture) => {
      await fixture.start('ada');
      const moved = await fixture.regenerate('ada', 'new');
      expectEqual(await fixture.read('new'), moved, 'the session at the new hash');
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
    'the old hash opens nothing after regenerate': async (fixture) => {
      await fixture.start('ada');
      await fixture.regenerate('ada', 'new');
      expectEqual(await fixture.store.read(fixture.toAddress('ada')), null, 'reading the old hash');
      expectEqual(await fixture.store.touch(fixture.toAddress('ada')), false, 'touching the old hash');
      expectEqual(
        await fixture.store.replace(fixture.buildReplace('ada', 2)),
        { status: 'not-found' },
        'replacing there',
      );
    },
    'regenerate changes no other session': async (fixture) => {
      const other = await fixture.start('grace');
      await fixture.start('ada');
      await fixture.advance(1);
      await fixture.regenerate('ada', 'new');
      expectEqual(await fixture.read('grace'), other, 'the other session');
    },
  }),
  ...defineCases('regenerate-2', {
    'regenerate keeps body, id and clocks, and adds 1 to the revision': async (fixture) => {
      const started = await fixture.start('ada');
      await fixture.advance(1);
      const moved = await fixture.regenerate('ada', 'new');
      expectEqual(moved, { ...started, revision: 2 }, 'the session returned');
    },
    'a replace from the revision before a regeneration conflicts': async (fixture) => {
      await fixture.start('ada');
      await fixture.regenerate('ada', 'new');
      expectEqual((await fixture.store.replace(fixture.buildReplace('new', 1))).status, 'conflict', 'replace');
    },
    'regenerate does not restart the idle timeout': async (fixture) => {
      await fixture.start('ada', { idleMs: 6 * fixture.tickMs });
      await fixture.start('sibling');
      await fixture.advance(3);
      await fixture.regenerate('ada', 'new');
      await fixture.advance(4);
      expectEqual(await fixture.listNames(), ['sibling'], 'live sessions');
    },
  }),
  ...defineCases('regenerate-3', {
    'regenerate with renewMs restarts both clocks and keeps createdAt': async (fixture) => {
      const started = await fixture.start('ada', { lifetimeMs: 1_000 * fixture.tickMs });
      await fixture.advance(2);
      const renewMs = 1_500 * fixture.tickMs;
      const { authenticatedAt, body: _, revision: __, ...rest } = await fixture.regenerate('ada', 'new', renewMs);
      expectTrue(authenticatedAt > started.authenticatedAt + fixture.tickMs, 'authenticatedAt has moved to now');
      const { id, summary, createdAt, idleMs } = started;
      const expected = {
        id,
        summary,
        createdAt,
        idleMs,
        lastSeenAt: authenticatedAt,
        expiresAt: authenticatedAt + renewMs,
      };
      expectEqual(rest, expected, 'the id and the clocks');
    },
    'regenerate with renewMs extends a session past both of its former clocks': async (fixture) => {
      await fixture.start('ada', { idleMs: 8 * fixture.tickMs, lifetimeMs: 8 * fixture.tickMs });
      await fixture.advance(4);
      await fixture.regenerate('ada', 'new', 1_000 * fixture.tickMs);
      await fixture.advance(5);
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
  }),
  ...defineCases('regenerate-4', {
    'regenerate to the hash of another session is taken and changes nothing': async (fixture) => {
      const sessions = [await fixture.start('ada'), await fixture.start('grace')];
      const result = await fixture.store.regenerate(fixture.buildRegenerate('ada', 'grace'));
      expectEqual(result, { status: 'taken' }, 'regenerate');
      expectEqual([await fixture.read('ada'), await fixture.read('grace')], sessions, 'both sessions');
    },
    'regenerate to the hash of an ended session is taken and changes nothing': async (fixture) => {
      const started = await fixture.start('ada');
      await fixture.start('grace');
      await fixture.store.destroy(fixture.toAddress('grace'));
      const result = await fixture.store.regenerate(fixture.buildRegenerate('ada', 'grace'));
      expectEqual(result, { status: 'taken' }, 'regenerate');
      expectEqual(await fixture.read('ada'), started, 'the session');
      await fixture.expectEnded('grace', 'signed-out');
    },
  }),
  ...defineCases('regenerate-5', {
    'regenerate after the idle timeout is not found, with renewMs too': async (fixture) => {
      await fixture.start('ada', fixture.shortLived);
      await fixture.start('sibling');
      await fixture.advance(5);
      for (const renewMs of [undefined, 1_000 * fixture.tickMs]) {
        const result = await fixture.store.regenerate(fixture.buildRegenerate('ada', 'new', renewMs));
        expectEqual(result, { status: 'not-found' }, `regenerate with renewMs ${renewMs}`);
      }
      expectEqual(await fixture.store.read(fixture.toAddress('new')), null, 'reading the new hash');
      expectEqual(await fixture.listNames(), ['sibling'], 'live sessions');
    },
    'regenerate after the absolute deadline is not found': async (fixture) => {
      await fixture.start('ada', { idleMs: 6 * fixture.tickMs, lifetimeMs: 6 * fixture.tickMs });
      await fixture.start('sibling');
      await fixture.advance(3);
      await fixture.store.touch(fixture.toAddress('ada'));
      await fixture.advance(4);
      const result = await fixture.store.regenerate(fixture.buildRegenerate('ada', 'new'));
      expectEqual(result, { status: 'not-found' }, 'regenerate');
      expectEqual(await fixture.listNames(), ['sibling'], 'live sessions');
    },
  }),
  ...defineCases('regenerate-6', {
    'a regenerate that was undone is not found when it is repeated': async (fixture) => {
      await fixture.start('ada');
      const command = fixture.buildRegenerate('ada', 'new');
      await fixture.store.regenerate(command);
      const back = await fixture.regenerate('new', 'ada');
      expectEqual(await fixture.store.regenerate(command), { status: 'not-found' }, 'the repetition');
      expectEqual(await fixture.read('ada'), back, 'the session read');
    },
  }),
];
