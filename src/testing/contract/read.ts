import { expectEqual } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import type { StoreFixture } from '../store-fixture.ts';

const garbage = ['', ' ', 'garbage', '{}', '[]', 'null', '1', '1 2 3', '{"revision":1}', '\u0000\n\u0000'];

export const readCases: readonly StoreCase[] = [
  ...defineCases('read-1', {
    'read finds a session at its key and hash only': async (fixture) => {
      const started = await fixture.start('ada');
      expectEqual(await fixture.store.read(fixture.toAddress('ada')), started, 'the session read');
      expectEqual(await fixture.store.read(fixture.toAddress('grace')), null, 'at another hash');
      const elsewhere = { ...fixture.toAddress('ada'), key: fixture.otherKey };
      expectEqual(await fixture.store.read(elsewhere), null, 'at another key');
    },
  }),
  ...defineCases('read-2', {
    'read returns an expired session as it was, or null': async (fixture) => {
      const started = await fixture.start('ada', fixture.shortLived);
      await fixture.start('sibling');
      await fixture.advance(5);
      const found = await fixture.store.read(fixture.toAddress('ada'));
      if (found !== null) expectEqual(found, started, 'the expired session');
    },
  }),
  ...defineCases(
    'read-3',
    {
      'text that the store did not write is unreadable': async (fixture) => {
        for (const text of garbage) {
          await fixture.getAbility('writeRaw')(fixture.toAddress('ada'), text);
          const found = await fixture.store.read(fixture.toAddress('ada'));
          expectEqual(found, 'unreadable', `reading ${JSON.stringify(text)}`);
        }
      },
    },
    'writeRaw',
  ),
  ...defineCases(
    'read-4',
    {
      'the other methods ignore unreadable text and leave it there': async (fixture) => {
        for (const text of garbage) {
          await fixture.getAbility('writeRaw')(fixture.toAddress('ada'), text);
          await expectNoSession(fixture, JSON.stringify(text));
        }
      },
    },
    'writeRaw',
  ),
  ...defineCases('read-5', {
    'read does not set the time last seen': async (fixture) => {
      const started = await fixture.start('ada');
      await fixture.advance(2);
      await fixture.read('ada');
      expectEqual(await fixture.read('ada'), started, 'the session read twice');
    },
    'read does not restart the idle timeout': async (fixture) => {
      await fixture.start('ada', { idleMs: 6 * fixture.tickMs });
      await fixture.start('sibling');
      await fixture.advance(3);
      await fixture.store.read(fixture.toAddress('ada'));
      await fixture.advance(4);
      expectEqual(await fixture.listNames(), ['sibling'], 'live sessions');
    },
  }),
  ...defineCases('read-6', {
    'none of 20 reads after a destroy finds the session': async (fixture) => {
      await fixture.start('ada');
      await fixture.read('ada');
      await fixture.store.destroy(fixture.toAddress('ada'));
      for (let n = 0; n < 20; n += 1) await fixture.expectEnded('ada', 'signed-out');
    },
    'a read after a replace returns the new body': async (fixture) => {
      await fixture.start('ada');
      await fixture.read('ada');
      for (let revision = 1; revision <= 10; revision += 1) {
        const replaced = await fixture.replace('ada', revision);
        expectEqual(await fixture.read('ada'), replaced, `the session after replace ${revision}`);
      }
    },
  }),
  ...defineCases(
    'read-7',
    {
      'a fresh read sees what another program wrote': async (fixture) => {
        await fixture.start('ada');
        await fixture.read('ada');
        await fixture.getAbility('writeRaw')(fixture.toAddress('ada'), 'garbage');
        const found = await fixture.store.read(fixture.toAddress('ada'), { fresh: true });
        expectEqual(found, 'unreadable', 'the fresh read');
      },
    },
    'writeRaw',
  ),
  ...defineCases(
    'maxStaleMs-1',
    {
      'a read sees what another program wrote before the time that the store states': async (fixture) => {
        await fixture.start('ada');
        await fixture.read('ada');
        await fixture.getAbility('writeRaw')(fixture.toAddress('ada'), 'garbage');
        await fixture.advance((fixture.store.maxStaleMs ?? 0) / fixture.tickMs);
        expectEqual(await fixture.store.read(fixture.toAddress('ada')), 'unreadable', 'the read');
      },
    },
    'writeRaw',
  ),
];

async function expectNoSession(fixture: StoreFixture, text: string): Promise<void> {
  const { store } = fixture;
  const where = `with ${text}`;
  const name = `sibling of ${text}`;
  const at = fixture.toAddress('ada');
  const limit = { max: 1, whenFull: 'refuse' } as const;
  const sibling = await store.start(fixture.buildStart(name, { limit }));
  expectEqual(sibling.status, 'done', `starting a sibling under a limit of 1 ${where}`);
  expectEqual(await store.touch(at), false, `touch ${where}`);
  const replaced = await store.replace(fixture.buildReplace('ada', 1));
  expectEqual(replaced, { status: 'not-found' }, `replace ${where}`);
  const regenerated = await store.regenerate(fixture.buildRegenerate('ada', 'new'));
  expectEqual(regenerated, { status: 'not-found' }, `regenerate ${where}`);
  expectEqual(await fixture.listNames(), [name], `live sessions ${where}`);
  expectEqual(await store.read(at), 'unreadable', `reading afterwards ${where}`);
  await store.destroy(fixture.toAddress(name));
}
