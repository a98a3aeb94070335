import { expectEqual } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import { expectDone, toHeader } from '../store-fixture.ts';

const evictAbove = (max: number) => ({ limit: { max, whenFull: 'evict' } }) as const;
const refuseAbove = (max: number) => ({ limit: { max, whenFull: 'refuse' } }) as const;

export const startCases: readonly StoreCase[] = [
  ...defineCases('start-1', {
    'start adds a session at revision 1 with the given id, summary and body': async (fixture) => {
      const given = { id: fixture.toId('ada'), summary: 'a phone', body: 'hello' };
      const { revision, id, summary, body } = await fixture.start('ada', given);
      expectEqual({ revision, id, summary, body }, { revision: 1, ...given }, 'the new session');
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
  }),
  ...defineCases('start-2', {
    'start at a hash in use is taken and changes nothing': async (fixture) => {
      const first = await fixture.start('ada');
      const second = fixture.buildStart('ada', { body: 'another', id: fixture.toId('grace') });
      expectEqual(await fixture.store.start(second), { status: 'taken' }, 'the second start');
      expectEqual(await fixture.listHeaders(), [toHeader(first)], 'the sessions listed');
    },
    'a repeated start is taken after its session has ended, and does not bring it back': async (fixture) => {
      const command = fixture.buildStart('ada');
      await fixture.store.start(command);
      await fixture.store.destroy(fixture.toAddress('ada'));
      expectEqual(await fixture.store.start(command), { status: 'taken' }, 'the repetition');
      await fixture.expectEnded('ada', 'signed-out');
      expectEqual(await fixture.listNames(), [], 'live sessions');
    },
  }),
  ...defineCases('start-3', {
    'start removes the session that it replaces': async (fixture) => {
      await fixture.start('guest');
      await fixture.start('ada', { replaces: { hash: fixture.toAddress('guest').hash } });
      await fixture.expectEnded('guest', 'replaced');
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
    'start without a revision is done if the session to replace does not exist': async (fixture) => {
      await fixture.start('ada', { replaces: { hash: fixture.toAddress('guest').hash } });
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
  }),
  ...defineCases('start-4', {
    'start replaces a session that is at the given revision': async (fixture) => {
      await fixture.start('guest');
      await fixture.replace('guest', 1);
      await fixture.start('ada', { replaces: { hash: fixture.toAddress('guest').hash, revision: 2 } });
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
    'start conflicts if the session to replace is at another revision, and changes nothing': async (fixture) => {
      await fixture.start('guest');
      const changed = await fixture.replace('guest', 1);
      const replaces = { hash: fixture.toAddress('guest').hash, revision: 1 };
      const result = await fixture.store.start(fixture.buildStart('ada', { replaces }));
      expectEqual(result, { status: 'conflict' }, 'start');
      expectEqual(await fixture.listHeaders(), [toHeader(changed)], 'the sessions listed');
    },
    'start conflicts if the session to replace at a revision no longer exists, and adds nothing': async (fixture) => {
      await fixture.start('guest');
      await fixture.store.destroy(fixture.toAddress('guest'));
      const replaces = { hash: fixture.toAddress('guest').hash, revision: 1 };
      const result = await fixture.store.start(fixture.buildStart('ada', { replaces }));
      expectEqual(result, { status: 'conflict' }, 'start');
      expectEqual(await fixture.listNames(), [], 'live sessions');
    },
  }),
  ...defineCases('start-5', {
    'start removes the replaced session by its hash before a regeneration': async (fixture) => {
      await fixture.start('grace');
      await fixture.advance(1);
      await fixture.start('ada');
      await fixture.regenerate('ada', 'moved');
      await fixture.start('new', { replaces: { hash: fixture.toAddress('ada').hash } });
      expectEqual(await fixture.listNames(), ['grace', 'new'], 'live sessions');
    },
  }),
  ...defineCases('start-6', {
    'start is full at a limit that refuses, and changes nothing': async (fixture) => {
      const kept = [await fixture.start('ada'), await fixture.start('grace')];
      const result = await fixture.store.start(fixture.buildStart('mary', refuseAbove(2)));
      expectEqual(result, { status: 'full' }, 'start');
      expectEqual(new Set(await fixture.listHeaders()), new Set(kept.map(toHeader)), 'the sessions listed');
      expectEqual(await fixture.store.read(fixture.toAddress('mary')), null, 'reading the refused one');
    },
    'start that is full does not remove the session to replace': async (fixture) => {
      for (const name of ['ada', 'grace', 'guest']) await fixture.start(name);
      const replaces = { hash: fixture.toAddress('guest').hash };
      const result = await fixture.store.start(fixture.buildStart('mary', { ...refuseAbove(2), replaces }));
      expectEqual(result, { status: 'full' }, 'start');
      expectEqual(new Set(await fixture.listNames()), new Set(['ada', 'grace', 'guest']), 'live sessions');
    },
  }),
  ...defineCases('start-7', {
    'start at a limit that evicts ends the oldest session': async (fixture) => {
      for (const name of ['ada', 'grace', 'mary']) {
        await fixture.start(name, evictAbove(2));
        await fixture.advance(1);
      }
      expectEqual(await fixture.listNames(), ['grace', 'mary'], 'live sessions');
      await fixture.expectEnded('ada', 'evicted');
    },
    'the oldest session is the one started first, even if it was used last': async (fixture) => {
      for (const name of ['ada', 'grace']) {
        await fixture.start(name);
        await fixture.advance(1);
      }
      await fixture.store.touch(fixture.toAddress('ada'));
      await fixture.replace('ada', 1);
      await fixture.start('mary', evictAbove(2));
      expectEqual(await fixture.listNames(), ['grace', 'mary'], 'live sessions');
    },
    'start at a lower limit ends as many sessions as necessary': async (fixture) => {
      for (const name of ['ada', 'grace', 'mary', 'joan']) {
        await fixture.start(name);
        await fixture.advance(1);
      }
      await fixture.start('lise', evictAbove(2));
      expectEqual(await fixture.listNames(), ['joan', 'lise'], 'live sessions');
    },
  }),
  ...defineCases('start-8', {
    'a limit applies to one key': async (fixture) => {
      await fixture.start('ada');
      await fixture.start('grace', { ...refuseAbove(1), key: fixture.otherKey });
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
    'a limit does not count expired sessions': async (fixture) => {
      await fixture.start('expired', fixture.shortLived);
      await fixture.start('ada');
      await fixture.advance(5);
      const result = await fixture.store.start(fixture.buildStart('grace', refuseAbove(2)));
      expectDone(result, 'starting beside an expired one');
      expectEqual(await fixture.listNames(), ['ada', 'grace'], 'live sessions');
    },
    'a limit that refuses does not count the replaced session': async (fixture) => {
      await fixture.start('ada', refuseAbove(1));
      const replaces = { hash: fixture.toAddress('ada').hash };
      const result = await fixture.store.start(fixture.buildStart('ada again', { ...refuseAbove(1), replaces }));
      expectDone(result, 'replacing');
      expectEqual(await fixture.listNames(), ['ada again'], 'live sessions');
    },
    'a limit that evicts ends no session if the replaced one makes room': async (fixture) => {
      await fixture.start('ada', evictAbove(2));
      await fixture.advance(1);
      await fixture.start('guest', evictAbove(2));
      await fixture.advance(1);
      await fixture.start('grace', { ...evictAbove(2), replaces: { hash: fixture.toAddress('guest').hash } });
      expectEqual(await fixture.listNames(), ['ada', 'grace'], 'live sessions');
    },
  }),
];
