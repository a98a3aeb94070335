import type { SessionEnding } from '../../core/errors.ts';
import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import type { StoreFixture } from '../store-fixture.ts';

type EndSession = (fixture: StoreFixture) => Promise<unknown>;

const evictAboveTwo = { limit: { max: 2, whenFull: 'evict' } } as const;

/** Every way in which a call can end the session `ada`, beside `sibling`, and the reason that it leaves. */
const waysToEnd: Readonly<Record<string, readonly [SessionEnding, EndSession]>> = {
  'was destroyed': ['signed-out', (fixture) => fixture.store.destroy(fixture.toAddress('ada'))],
  'was destroyed as replaced': [
    'replaced',
    (fixture) => fixture.store.destroy(fixture.toAddress('ada'), 1, 'replaced'),
  ],
  'was revoked by its id': ['revoked', (fixture) => fixture.store.revoke(fixture.key, { id: fixture.toId('ada') })],
  'was revoked with all but one': [
    'revoked',
    (fixture) => fixture.store.revoke(fixture.key, { except: fixture.toId('sibling') }),
  ],
  'was revoked with all': ['revoked', (fixture) => fixture.store.revoke(fixture.key, 'all')],
  'was replaced': [
    'replaced',
    (fixture) => fixture.start('ada again', { replaces: { hash: fixture.toAddress('ada').hash } }),
  ],
  'was replaced at the limit': [
    'replaced',
    (fixture) => fixture.start('ada again', { ...evictAboveTwo, replaces: { hash: fixture.toAddress('ada').hash } }),
  ],
  'was evicted': ['evicted', (fixture) => fixture.start('grace', evictAboveTwo)],
};

const hour = 3_600_000;

/** How long a key that holds only reasons is kept, by how its session ended and how long that could have lived. */
const terms: Readonly<Record<string, { readonly ms: number; readonly lifetimeMs: number; readonly end: EndSession }>> =
  {
    '36 hours for a revoked session': {
      ms: 36 * hour,
      lifetimeMs: 100 * hour,
      end: (fixture) => fixture.store.revoke(fixture.key, { id: fixture.toId('ada') }),
    },
    'an hour for a destroyed session': {
      ms: hour,
      lifetimeMs: 100 * hour,
      end: (fixture) => fixture.store.destroy(fixture.toAddress('ada')),
    },
    'until the absolute deadline of a session': {
      ms: 0.5 * hour,
      lifetimeMs: 0.5 * hour,
      end: (fixture) => fixture.store.revoke(fixture.key, 'all'),
    },
  };

export const reasonCases: readonly StoreCase[] = [
  ...defineCases(
    'read-8',
    Object.fromEntries(
      Object.entries(waysToEnd).map(([how, [reason, end]]) => [
        `read says why a session ended that ${how}`,
        (fixture: StoreFixture) => expectReason(fixture, reason, end),
      ]),
    ),
  ),
  ...defineCases('read-8', {
    'read says why a session ended that had moved, at its last hash only': async (fixture) => {
      await fixture.start('ada');
      await fixture.regenerate('ada', 'new');
      await fixture.store.revoke(fixture.key, { id: fixture.toId('ada') });
      await fixture.expectEnded('new', 'revoked');
      expectEqual(await fixture.store.read(fixture.toAddress('ada')), null, 'reading the hash before');
    },
    'an expired session leaves no reason when it is removed': async (fixture) => {
      await fixture.start('ada', fixture.shortLived);
      await fixture.start('sibling');
      await fixture.advance(5);
      await fixture.store.destroy(fixture.toAddress('ada'));
      expectEqual(await fixture.store.read(fixture.toAddress('ada')), null, 'reading the destroyed one');
      expectEqual(await fixture.store.revoke(fixture.key, { id: fixture.toId('ada') }), 0, 'a late revocation');
      expectEqual(await fixture.store.read(fixture.toAddress('ada')), null, 'reading it after the revocation');
    },
    'a reason stays when other sessions end, and when they start at the limit': async (fixture) => {
      for (const name of ['ada', 'grace', 'mary']) await fixture.start(name);
      await fixture.store.destroy(fixture.toAddress('ada'));
      await fixture.start('joan', { limit: { max: 3, whenFull: 'refuse' } });
      await fixture.store.revoke(fixture.key, 'all');
      expectEqual(await fixture.store.revoke(fixture.key, 'all'), 0, 'a second revocation');
      await fixture.expectEnded('ada', 'signed-out');
      await fixture.expectEnded('joan', 'revoked');
    },
  }),
  ...defineCases('read-9', {
    'a reason is kept although its session would have expired, and its sibling has': async (fixture) => {
      await fixture.start('ada', fixture.shortLived);
      await fixture.start('sibling', fixture.shortLived);
      await fixture.store.destroy(fixture.toAddress('ada'));
      await fixture.advance(5);
      expectEqual(await fixture.listNames(), [], 'live sessions');
      await fixture.expectEnded('ada', 'signed-out');
    },
  }),
  ...defineCases(
    'read-9',
    Object.fromEntries(
      Object.entries(terms).map(([name, term]) => [
        `a reason is kept for ${name}`,
        async (fixture: StoreFixture) => {
          await fixture.start('ada', { idleMs: 50 * hour, lifetimeMs: term.lifetimeMs });
          await term.end(fixture);
          const ttlMs = await fixture.getAbility('getTtlMs')(fixture.key);
          const isExact = ttlMs <= term.ms && ttlMs > term.ms - 100 * fixture.tickMs;
          expectTrue(isExact, `expected the key to be kept for ${term.ms} ms or a little less, found ${ttlMs}`);
        },
      ]),
    ),
    'getTtlMs',
  ),
  ...defineCases('read-10', {
    'of 20 sessions that ended one after another, the last 16 have a reason': async (fixture) => {
      await fixture.start('sibling');
      for (let n = 0; n < 20; n += 1) {
        await fixture.start(`ada ${n}`);
        await fixture.store.destroy(fixture.toAddress(`ada ${n}`));
      }
      for (let n = 0; n < 20; n += 1) {
        const expected = n < 4 ? null : { ended: 'signed-out' };
        expectEqual(await fixture.store.read(fixture.toAddress(`ada ${n}`)), expected, `reading number ${n}`);
      }
    },
    'of 20 sessions that are revoked at once, 16 have a reason': async (fixture) => {
      for (let n = 0; n < 20; n += 1) await fixture.start(`ada ${n}`);
      await fixture.store.revoke(fixture.key, 'all');
      let count = 0;
      for (let n = 0; n < 20; n += 1) count += (await fixture.store.read(fixture.toAddress(`ada ${n}`))) ? 1 : 0;
      expectEqual(count, 16, 'the number of reasons');
    },
  }),
];

async function expectReason(fixture: StoreFixture, reason: SessionEnding, end: EndSession): Promise<void> {
  await fixture.start('ada');
  await fixture.advance(0.1);
  await fixture.start('sibling');
  await end(fixture);
  await fixture.expectEnded('ada', reason);
}
