import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import { expectDone } from '../store-fixture.ts';

const unusualBodies = [
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

export const replaceCases: readonly StoreCase[] = [
  ...defineCases('replace-1', {
    'replace stores the body and adds 1 to the revision': async (fixture) => {
      const started = await fixture.start('ada');
      const replaced = await fixture.replace('ada', 1, 'new body');
      expectEqual(replaced, { ...started, body: 'new body', revision: 2 }, 'the session returned');
      expectEqual(await fixture.read('ada'), replaced, 'the session read');
      expectEqual((await fixture.replace('ada', 2)).revision, 3, 'the next revision');
    },
    'replace changes no other session': async (fixture) => {
      const other = await fixture.start('grace');
      await fixture.start('ada');
      await fixture.advance(1);
      await fixture.replace('ada', 1);
      expectEqual(await fixture.read('grace'), other, 'the other session');
    },
  }),
  ...defineCases('replace-2', {
    'replace from an earlier revision conflicts, changes nothing and returns the session': async (fixture) => {
      await fixture.start('ada');
      const current = await fixture.replace('ada', 1, 'theirs');
      const result = await fixture.store.replace(fixture.buildReplace('ada', 1, 'ours'));
      expectEqual(result, { status: 'conflict', session: current }, 'replace');
      expectEqual(await fixture.read('ada'), current, 'the session read');
    },
    'replace from a later revision conflicts': async (fixture) => {
      const current = await fixture.start('ada');
      const result = await fixture.store.replace(fixture.buildReplace('ada', 2));
      expectEqual(result, { status: 'conflict', session: current }, 'replace');
    },
    'a replace that conflicted is done when it is repeated from the current revision': async (fixture) => {
      await fixture.start('ada');
      await fixture.replace('ada', 1, 'theirs');
      const command = fixture.buildReplace('ada', 1, 'ours');
      expectEqual((await fixture.store.replace(command)).status, 'conflict', 'the first try');
      const { revision, body } = expectDone(await fixture.store.replace({ ...command, revision: 2 }), 'the second try');
      expectEqual({ revision, body }, { revision: 3, body: 'ours' }, 'the session returned');
    },
  }),
  ...defineCases('replace-3', {
    'replace does not restart the idle timeout': async (fixture) => {
      await fixture.start('ada', { idleMs: 6 * fixture.tickMs });
      await fixture.start('sibling');
      await fixture.advance(3);
      await fixture.replace('ada', 1);
      await fixture.advance(4);
      expectEqual(await fixture.listNames(), ['sibling'], 'live sessions');
    },
    'replace changes none of the clocks': async (fixture) => {
      const started = await fixture.start('ada');
      await fixture.advance(1);
      const { body, revision } = await fixture.replace('ada', 1);
      expectEqual(await fixture.read('ada'), { ...started, body, revision }, 'the session after a replace');
    },
  }),
  ...defineCases('replace-4', {
    'replace after the idle timeout is not found': async (fixture) => {
      await fixture.start('ada', fixture.shortLived);
      await fixture.start('sibling');
      await fixture.advance(5);
      expectEqual(await fixture.store.replace(fixture.buildReplace('ada', 1)), { status: 'not-found' }, 'replace');
      expectEqual(await fixture.listNames(), ['sibling'], 'live sessions');
    },
    'replace after the absolute deadline is not found': async (fixture) => {
      await fixture.start('ada', { idleMs: 6 * fixture.tickMs, lifetimeMs: 6 * fixture.tickMs });
      await fixture.start('sibling');
      await fixture.advance(3);
      await fixture.store.touch(fixture.toAddress('ada'));
      await fixture.advance(4);
      expectEqual(await fixture.store.replace(fixture.buildReplace('ada', 1)), { status: 'not-found' }, 'replace');
    },
  }),
  ...defineCases('all-11', {
    'a body is returned as it was written, whatever it contains': async (fixture) => {
      await fixture.start('ada', { body: unusualBodies.join('|') });
      expectEqual((await fixture.read('ada')).body, unusualBodies.join('|'), 'the first body');
      for (const [index, body] of unusualBodies.entries()) {
        expectEqual((await fixture.replace('ada', index + 1, body)).body, body, 'the body returned');
        expectEqual((await fixture.read('ada')).body, body, 'the body read');
      }
    },
    'a body of 64 KiB is returned whole': async (fixture) => {
      const body = 'x€'.repeat(16_384);
      await fixture.start('ada', { body });
      expectTrue((await fixture.read('ada')).body === body, 'the body read is the body written');
      await fixture.regenerate('ada', 'ada again');
      expectTrue((await fixture.read('ada again')).body === body, 'the body after a regeneration is the body written');
    },
  }),
];
