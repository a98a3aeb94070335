import type { RegenerateCommand, ReplaceCommand } from '../../core/ports/store-commands.ts';
import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import type { StoreFixture } from '../store-fixture.ts';

/** Every way in which the session `ada` can end. Each leaves `sibling` alive, so that the key stays in the store. */
const endings: Readonly<Record<string, (fixture: StoreFixture) => Promise<unknown>>> = {
  'was destroyed': (fixture) => fixture.store.destroy(fixture.toAddress('ada')),
  'was revoked by its id': (fixture) => fixture.store.revoke(fixture.key, { id: fixture.toId('ada') }),
  'was revoked with all others': (fixture) => fixture.store.revoke(fixture.key, { except: fixture.toId('sibling') }),
  'was replaced': (fixture) => fixture.start('ada again', { replaces: { hash: fixture.toAddress('ada').hash } }),
  'was evicted': (fixture) => fixture.start('grace', { limit: { max: 2, whenFull: 'evict' } }),
  'has moved': (fixture) => fixture.regenerate('ada', 'moved'),
  'has expired': (fixture) => fixture.advance(5),
};

export const endedSessionCases: readonly StoreCase[] = [
  ...defineCases(
    'all-4',
    Object.fromEntries(
      Object.entries(endings).map(([ending, end]) => [
        `no late write brings back a session that ${ending}`,
        (fixture: StoreFixture) => expectStaysEnded(fixture, end),
      ]),
    ),
  ),
  ...defineCases('all-4', {
    'no method except start creates a session': async (fixture) => {
      await expectLateWritesFail(fixture, fixture.buildReplace('ada', 1), fixture.buildRegenerate('ada', 'new'));
      expectEqual(await fixture.listNames(), [], 'live sessions');
    },
    'no late write brings back sessions after a revocation of all': async (fixture) => {
      await fixture.start('ada');
      const earlier = fixture.buildReplace('ada', 1);
      await fixture.store.replace(earlier);
      await fixture.store.revoke(fixture.key, 'all');
      await expectLateWritesFail(fixture, earlier, fixture.buildRegenerate('ada', 'new', 1_000 * fixture.tickMs));
      expectEqual(await fixture.listNames(), [], 'live sessions');
    },
  }),
  ...defineCases('all-2', {
    'every method resolves for a session that never existed': (fixture) => expectNotFoundResults(fixture),
    'every method resolves for a destroyed session': async (fixture) => {
      await fixture.start('ada');
      await fixture.store.destroy(fixture.toAddress('ada'));
      await expectNotFoundResults(fixture);
    },
    'every method resolves for an expired session': async (fixture) => {
      await fixture.start('ada', fixture.shortLived);
      await fixture.advance(5);
      await expectNotFoundResults(fixture);
    },
  }),
];

async function expectStaysEnded(
  fixture: StoreFixture,
  end: (fixture: StoreFixture) => Promise<unknown>,
): Promise<void> {
  await fixture.start('ada', fixture.shortLived);
  await fixture.advance(0.1);
  await fixture.start('sibling');
  const earlier = fixture.buildReplace('ada', 1);
  await fixture.store.replace(earlier);
  await end(fixture);
  const live = await fixture.listNames();
  const left = await fixture.store.read(fixture.toAddress('ada'));
  await expectLateWritesFail(fixture, earlier, fixture.buildRegenerate('ada', 'new', 1_000 * fixture.tickMs));
  await expectLateWritesFail(fixture, fixture.buildReplace('ada', 2), fixture.buildRegenerate('ada', 'new'));
  expectEqual(await fixture.listNames(), live, 'live sessions after late writes');
  const found = await fixture.store.read(fixture.toAddress('ada'));
  if (found !== null) expectEqual(found, left, 'what is read where the session was');
}

/** Sends what slow, repeated or timed-out requests may still send. None of it may find the session `ada`. */
async function expectLateWritesFail(
  fixture: StoreFixture,
  replace: ReplaceCommand,
  regenerate: RegenerateCommand,
): Promise<void> {
  expectEqual(await fixture.store.touch(fixture.toAddress('ada')), false, 'a late touch');
  expectEqual(await fixture.store.replace(replace), { status: 'not-found' }, 'a late replace');
  expectEqual(await fixture.store.regenerate(regenerate), { status: 'not-found' }, 'a late regenerate');
  const target = { key: regenerate.key, hash: regenerate.newHash };
  expectEqual(await fixture.store.read(target), null, 'reading the new hash of the late regenerate');
}

async function expectNotFoundResults(fixture: StoreFixture): Promise<void> {
  const { store } = fixture;
  const at = fixture.toAddress('ada');
  await store.read(at);
  expectEqual(await store.touch(at), false, 'touch');
  expectEqual(await store.replace(fixture.buildReplace('ada', 1)), { status: 'not-found' }, 'replace');
  expectEqual(await store.regenerate(fixture.buildRegenerate('ada', 'new')), { status: 'not-found' }, 'regenerate');
  expectEqual(await store.list(fixture.key), [], 'list');
  expectEqual(await store.revoke(fixture.key, { id: fixture.toId('ada') }), 0, 'revoke');
  // A store may still keep a session that has expired: then it is removed.
  const { status } = await store.destroy(at);
  expectTrue(status === 'done' || status === 'not-found', `destroy: expected 'done' or 'not-found', found '${status}'`);
}
