import { expectDone } from '../bench.ts';
import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

export const replacingCases: readonly StoreCase[] = [
  ...defineCases('Swaps the body if the revision still holds, and counts it up.', {
    'replace swaps the body and counts the revision up': async (bench) => {
      const started = await bench.start('ada');
      const replaced = await bench.replace('ada', 1, 'new body');
      expectEqual(replaced, { ...started, body: 'new body', revision: 2 }, 'the session answered');
      expectEqual(await bench.read('ada'), replaced, 'the session read');
      expectEqual((await bench.replace('ada', 2)).revision, 3, 'the next revision');
    },
    'replace leaves the other sessions as they are': async (bench) => {
      const other = await bench.start('grace');
      await bench.start('ada');
      await bench.pass(1);
      await bench.replace('ada', 1);
      expectEqual(await bench.read('grace'), other, 'the other session');
    },
  }),
  ...defineCases("`'conflict'` brings the session as it is now.", {
    'replace from a revision that has passed conflicts, changes nothing and brings the session': async (bench) => {
      await bench.start('ada');
      const current = await bench.replace('ada', 1, 'theirs');
      const result = await bench.store.replace(bench.replaceCommand('ada', 1, 'ours'));
      expectEqual(result, { status: 'conflict', session: current }, 'replace');
      expectEqual(await bench.read('ada'), current, 'the session read');
    },
    'replace from a revision that is still to come conflicts': async (bench) => {
      const current = await bench.start('ada');
      const result = await bench.store.replace(bench.replaceCommand('ada', 2));
      expectEqual(result, { status: 'conflict', session: current }, 'replace');
    },
    'a replace that conflicted is done when it is repeated from the revision it was brought': async (bench) => {
      await bench.start('ada');
      await bench.replace('ada', 1, 'theirs');
      const command = bench.replaceCommand('ada', 1, 'ours');
      expectEqual((await bench.store.replace(command)).status, 'conflict', 'the first try');
      const { revision, body } = expectDone(await bench.store.replace({ ...command, revision: 2 }), 'the second try');
      expectEqual({ revision, body }, { revision: 3, body: 'ours' }, 'the session answered');
    },
  }),
  ...defineCases('Clocks stay as they are.', {
    'replace does not keep a session alive': async (bench) => {
      await bench.start('ada', { idleMs: 6 * bench.tickMs });
      await bench.start('sibling');
      await bench.pass(3);
      await bench.replace('ada', 1);
      await bench.pass(4);
      expectEqual(await bench.living(), ['sibling'], 'live sessions');
    },
    'replace moves none of the clocks': async (bench) => {
      const started = await bench.start('ada');
      await bench.pass(1);
      const { body, revision } = await bench.replace('ada', 1);
      expectEqual(await bench.read('ada'), { ...started, body, revision }, 'the session after a replace');
    },
  }),
  ...defineCases("A session past its clocks is `'not-found'`.", {
    'replace past the idle clock is gone': async (bench) => {
      await bench.start('ada', bench.short);
      await bench.start('sibling');
      await bench.pass(5);
      expectEqual(await bench.store.replace(bench.replaceCommand('ada', 1)), { status: 'not-found' }, 'replace');
      expectEqual(await bench.living(), ['sibling'], 'live sessions');
    },
    'replace past the absolute deadline is gone': async (bench) => {
      await bench.start('ada', { idleMs: 6 * bench.tickMs, lifetimeMs: 6 * bench.tickMs });
      await bench.start('sibling');
      await bench.pass(3);
      await bench.store.touch(bench.at('ada'));
      await bench.pass(4);
      expectEqual(await bench.store.replace(bench.replaceCommand('ada', 1)), { status: 'not-found' }, 'replace');
    },
  }),
  ...defineCases('A body is any text without lone surrogates, and comes back as it was written.', {
    'a body comes back as it was written, whatever is in it': async (bench) => {
      const bodies = [
        '',
        ' ',
        '\n',
        'a\nb\r\nc\t',
        '"\\\'',
        '%s%d%%',
        '\u0000',
        'a\u0000b',
        'é – 日本語 – 🦊',
        '1 2 3\n4',
      ];
      await bench.start('ada', { body: bodies.join('|') });
      expectEqual((await bench.read('ada')).body, bodies.join('|'), 'the body started with');
      for (const [at, body] of bodies.entries()) {
        expectEqual((await bench.replace('ada', at + 1, body)).body, body, 'the body answered');
        expectEqual((await bench.read('ada')).body, body, 'the body read');
      }
    },
    'a body of 64 KiB comes back whole': async (bench) => {
      const body = 'x€'.repeat(16_384);
      await bench.start('ada', { body });
      expectTrue((await bench.read('ada')).body === body, 'the body read is the body written');
      await bench.regenerate('ada', 'ada again');
      expectTrue((await bench.read('ada again')).body === body, 'the body after a regeneration is the body written');
    },
  }),
];
