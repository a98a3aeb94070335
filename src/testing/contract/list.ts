import { isStoredSession } from '../../core/ports/store-read.ts';
import { expectEqual } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import { toHeader } from '../store-fixture.ts';

export const listCases: readonly StoreCase[] = [
  ...defineCases('list-1', {
    'list returns the live sessions, oldest first': async (fixture) => {
      const started = [];
      for (const name of ['ada', 'grace', 'mary']) {
        started.push(toHeader(await fixture.start(name)));
        await fixture.advance(1);
      }
      expectEqual(await fixture.listHeaders(), started, 'the sessions listed');
    },
    'list keeps its order when sessions are touched, replaced or regenerated': async (fixture) => {
      for (const name of ['ada', 'grace', 'mary']) {
        await fixture.start(name);
        await fixture.advance(1);
      }
      await fixture.regenerate('ada', 'ada again', 500 * fixture.tickMs);
      await fixture.replace('grace', 1);
      await fixture.store.touch(fixture.toAddress('ada again'));
      expectEqual(await fixture.listNames(), ['ada', 'grace', 'mary'], 'live sessions');
    },
    'list leaves out expired sessions': async (fixture) => {
      await fixture.start('ada', fixture.shortLived);
      await fixture.start('grace');
      await fixture.advance(5);
      expectEqual(await fixture.listNames(), ['grace'], 'live sessions');
    },
    'list returns all of 200 sessions': async (fixture) => {
      const names = Array.from({ length: 200 }, (_, n) => `ada ${n}`);
      for (const name of names) await fixture.start(name);
      expectEqual(new Set(await fixture.listNames()), new Set(names), 'live sessions');
    },
  }),
  ...defineCases('list-2', {
    'list never returns a session of another key': async (fixture) => {
      await fixture.start('ada');
      await fixture.start('grace', { key: fixture.otherKey });
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions of the key');
      expectEqual(await fixture.listNames(fixture.otherKey), ['grace'], 'live sessions of the other key');
    },
  }),
  ...defineCases('list-3', {
    'list returns the hash at which each session is read': async (fixture) => {
      await fixture.start('ada');
      await fixture.start('grace');
      await fixture.regenerate('ada', 'ada again');
      const { key, store } = fixture;
      const listed = await store.list(key);
      const hashes = ['ada again', 'grace'].map((name) => fixture.toAddress(name).hash);
      expectEqual(new Set(listed.map(({ hash }) => hash)), new Set(hashes), 'the hashes');
      for (const { hash, id } of listed) {
        const found = await store.read({ key, hash });
        expectEqual(isStoredSession(found) && found.id, id, 'the session at the listed hash');
      }
    },
  }),
];
