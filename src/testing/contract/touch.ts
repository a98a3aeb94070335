import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

export const touchCases: readonly StoreCase[] = [
  ...defineCases('touch-1', {
    'touch sets the time last seen, and nothing else': async (fixture) => {
      const started = await fixture.start('ada');
      await fixture.advance(2);
      expectEqual(await fixture.store.touch(fixture.toAddress('ada')), true, 'touch');
      const { lastSeenAt, ...rest } = await fixture.read('ada');
      expectTrue(lastSeenAt > started.lastSeenAt + fixture.tickMs, 'lastSeenAt has moved by the time that passed');
      expectEqual({ ...rest, lastSeenAt: started.lastSeenAt }, started, 'the rest of the session');
    },
    'touch restarts the idle timeout': async (fixture) => {
      await fixture.start('ada', { idleMs: 10 * fixture.tickMs });
      await fixture.advance(6);
      await fixture.store.touch(fixture.toAddress('ada'));
      await fixture.advance(6);
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions');
    },
    'touch changes no other session': async (fixture) => {
      const other = await fixture.start('grace');
      await fixture.start('ada');
      await fixture.advance(1);
      await fixture.store.touch(fixture.toAddress('ada'));
      expectEqual(await fixture.read('grace'), other, 'the other session');
    },
  }),
  ...defineCases('touch-2', {
    'touch after the idle timeout removes the session': async (fixture) => {
      await fixture.start('ada', fixture.shortLived);
      await fixture.start('sibling');
      await fixture.advance(5);
      await fixture.store.touch(fixture.toAddress('ada'));
      expectEqual(await fixture.store.read(fixture.toAddress('ada')), null, 'reading afterwards');
    },
    'touch after the idle timeout returns false and does not revive the session': async (fixture) => {
      await fixture.start('ada', fixture.shortLived);
      await fixture.start('sibling');
      await fixture.advance(5);
      expectEqual(await fixture.store.touch(fixture.toAddress('ada')), false, 'touch');
      expectEqual(await fixture.listNames(), ['sibling'], 'live sessions');
    },
    'touch of a destroyed session returns false and leaves only the reason': async (fixture) => {
      await fixture.start('ada');
      await fixture.store.destroy(fixture.toAddress('ada'));
      expectEqual(await fixture.store.touch(fixture.toAddress('ada')), false, 'touch');
      await fixture.expectEnded('ada', 'signed-out');
    },
  }),
  ...defineCases('touch-3', {
    'touch does not extend a session past its absolute deadline': async (fixture) => {
      const started = await fixture.start('ada', { idleMs: 6 * fixture.tickMs, lifetimeMs: 6 * fixture.tickMs });
      await fixture.start('sibling');
      await fixture.advance(3);
      expectEqual(await fixture.store.touch(fixture.toAddress('ada')), true, 'touch in time');
      expectEqual((await fixture.read('ada')).expiresAt, started.expiresAt, 'the deadline after a touch');
      await fixture.advance(4);
      expectEqual(await fixture.listNames(), ['sibling'], 'live sessions after the deadline');
      expectEqual(await fixture.store.touch(fixture.toAddress('ada')), false, 'touch after the deadline');
      expectEqual(await fixture.listNames(), ['sibling'], 'live sessions after a late touch');
    },
  }),
];
