import type { Bench } from '../bench.ts';
import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

const garbage = ['', ' ', 'garbage', '{}', '[]', 'null', '1', '1 2 3', '{"revision":1}', '\u0000\n\u0000'];

export const readingCases: readonly StoreCase[] = [
  ...defineCases("Names the store in logs and on the demo's page: `'redis'`, `'memory'`.", {
    'the store has a name': async ({ store }) => {
      expectTrue(typeof store.name === 'string' && store.name !== '', 'name is text that is not empty');
    },
  }),
  ...defineCases('The session at this address, or null.', {
    'read finds what start wrote, at its key and hash alone': async (bench) => {
      const started = await bench.start('ada');
      expectEqual(await bench.store.read(bench.at('ada')), started, 'the session read');
      expectEqual(await bench.store.read(bench.at('grace')), null, 'at another hash');
      expectEqual(await bench.store.read({ ...bench.at('ada'), key: `${bench.key}2` }), null, 'at another key');
    },
  }),
  ...defineCases('It may be one whose clocks have run out: the caller checks.', {
    'read answers a session past its clocks as it was, or null': async (bench) => {
      const started = await bench.start('ada', bench.short);
      await bench.start('sibling');
      await bench.pass(5);
      const found = await bench.store.read(bench.at('ada'));
      if (found !== null) expectEqual(found, started, 'the session past its clocks');
    },
  }),
  ...defineCases('Reading changes nothing.', {
    'read does not mark a session as seen': async (bench) => {
      const started = await bench.start('ada');
      await bench.pass(2);
      await bench.read('ada');
      expectEqual(await bench.read('ada'), started, 'the session read twice');
    },
    'read does not keep a session alive': async (bench) => {
      await bench.start('ada', { idleMs: 6 * bench.tickMs });
      await bench.start('sibling');
      await bench.pass(3);
      await bench.store.read(bench.at('ada'));
      await bench.pass(4);
      expectEqual(await bench.living(), ['sibling'], 'live sessions');
    },
  }),
  ...defineCases('Reads from a replica are not allowed: a session that was destroyed is not found by any later read.', {
    'none of 20 reads after a destroy finds the session': async (bench) => {
      await bench.start('ada');
      await bench.read('ada');
      await bench.store.destroy(bench.at('ada'));
      for (let n = 0; n < 20; n += 1) expectEqual(await bench.store.read(bench.at('ada')), null, `read ${n}`);
    },
    'a read after a replace finds what was written': async (bench) => {
      await bench.start('ada');
      await bench.read('ada');
      for (let revision = 1; revision <= 10; revision += 1) {
        const written = await bench.replace('ada', revision);
        expectEqual(await bench.read('ada'), written, `the session after replace ${revision}`);
      }
    },
  }),
  ...defineCases(
    "`'unreadable'` where something lies there that this store did not write; `touch`, `replace`, `regenerate`, `list` " +
      'and the limit take that for no session and leave it alone.',
    {
      'what the store did not write is unreadable': async (bench) => {
        for (const text of garbage) {
          await bench.ability('plant')(bench.at('ada'), text);
          expectEqual(await bench.store.read(bench.at('ada')), 'unreadable', `reading ${JSON.stringify(text)}`);
        }
      },
      'what the store did not write is no session to the other methods, and is left alone': async (bench) => {
        for (const text of garbage) {
          await bench.ability('plant')(bench.at('ada'), text);
          await expectNoSession(bench, `with ${JSON.stringify(text)}`);
        }
      },
    },
    'plant',
  ),
  ...defineCases('The live sessions of one key, oldest first.', {
    'list answers the live sessions, oldest first': async (bench) => {
      const started = [];
      for (const name of ['ada', 'grace', 'mary']) {
        started.push(await bench.start(name));
        await bench.pass(1);
      }
      expectEqual(await bench.store.list(bench.key), started, 'the sessions listed');
    },
    'list keeps the order when a session is touched, replaced or moved': async (bench) => {
      for (const name of ['ada', 'grace', 'mary']) {
        await bench.start(name);
        await bench.pass(1);
      }
      await bench.regenerate('ada', 'ada again', 500 * bench.tickMs);
      await bench.replace('grace', 1);
      await bench.store.touch(bench.at('ada again'));
      expectEqual(await bench.living(), ['ada', 'grace', 'mary'], 'live sessions');
    },
    'list leaves out sessions past their clocks': async (bench) => {
      await bench.start('ada', bench.short);
      await bench.start('grace');
      await bench.pass(5);
      expectEqual(await bench.living(), ['grace'], 'live sessions');
    },
    'list answers all of 200 sessions': async (bench) => {
      const names = Array.from({ length: 200 }, (_, n) => `ada ${n}`);
      for (const name of names) await bench.start(name);
      expectEqual(new Set(await bench.living()), new Set(names), 'live sessions');
    },
  }),
  ...defineCases('Never anything of another key.', {
    'list never shows a session of another key': async (bench) => {
      await bench.start('ada');
      const other = `${bench.key}2`;
      await bench.start('grace', { key: other });
      expectEqual(await bench.living(), ['ada'], 'live sessions of the key');
      expectEqual(await bench.living(other), ['grace'], 'live sessions of the other key');
    },
  }),
];

async function expectNoSession(bench: Bench, where: string): Promise<void> {
  const { store } = bench;
  const limit = { max: 1, whenFull: 'refuse' } as const;
  const sibling = await store.start(bench.startCommand('sibling', { limit }));
  expectEqual(sibling.status, 'done', `starting a sibling under a limit of 1 ${where}`);
  expectEqual(await store.touch(bench.at('ada')), false, `touch ${where}`);
  expectEqual(await store.replace(bench.replaceCommand('ada', 1)), { status: 'not-found' }, `replace ${where}`);
  expectEqual(
    await store.regenerate(bench.regenerateCommand('ada', 'new')),
    { status: 'not-found' },
    `regenerate ${where}`,
  );
  expectEqual(await bench.living(), ['sibling'], `live sessions ${where}`);
  expectEqual(await store.read(bench.at('ada')), 'unreadable', `reading afterwards ${where}`);
  await store.destroy(bench.at('sibling'));
}
