import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import type { StoreFixture } from '../store-fixture.ts';

/** The revocations and evictions that end the session `long`. Each leaves `short` alive. */
const endLong: Readonly<Record<string, (fixture: StoreFixture) => Promise<unknown>>> = {
  'revoked by its id': (fixture) => fixture.store.revoke(fixture.key, { id: fixture.toId('long') }),
  'revoked with all others': (fixture) => fixture.store.revoke(fixture.key, { except: fixture.toId('short') }),
  evicted: (fixture) => fixture.start('next', { ...fixture.shortLived, limit: { max: 2, whenFull: 'evict' } }),
};

/** Every way to end all sessions of the key, which are `ada`. */
const endLast: Readonly<Record<string, (fixture: StoreFixture) => Promise<unknown>>> = {
  'was destroyed': (fixture) => fixture.store.destroy(fixture.toAddress('ada')),
  'was destroyed after a regeneration': async (fixture) => {
    await fixture.regenerate('ada', 'new');
    await fixture.store.destroy(fixture.toAddress('ada'));
  },
  'was revoked by its id': (fixture) => fixture.store.revoke(fixture.key, { id: fixture.toId('ada') }),
  'was revoked with all others': (fixture) => fixture.store.revoke(fixture.key, 'all'),
};

export const expiryCases: readonly StoreCase[] = [
  ...defineCases('all-7', {
    'start sets all times to now, and the deadline to now plus lifetimeMs': async (fixture) => {
      const lifetimes = { idleMs: 300 * fixture.tickMs, lifetimeMs: 700 * fixture.tickMs };
      const { createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs } = await fixture.start('ada', lifetimes);
      expectTrue(Number.isInteger(createdAt) && createdAt > 0, 'createdAt is whole milliseconds since the epoch');
      expectEqual(
        { authenticatedAt, lastSeenAt, expiresAt, idleMs },
        {
          authenticatedAt: createdAt,
          lastSeenAt: createdAt,
          expiresAt: createdAt + lifetimes.lifetimeMs,
          idleMs: lifetimes.idleMs,
        },
        'the other clocks',
      );
    },
    "the store's time passes between calls": async (fixture) => {
      const first = await fixture.start('ada');
      await fixture.advance(3);
      const second = await fixture.start('grace');
      const passedMs = second.createdAt - first.createdAt;
      expectTrue(
        passedMs >= 2 * fixture.tickMs,
        `expected 3 ticks of ${fixture.tickMs} ms to pass on the store's clock, found ${passedMs} ms`,
      );
    },
  }),
  ...defineCases('all-8', {
    'a session lives until its idle timeout, and no longer': async (fixture) => {
      await fixture.start('ada', { idleMs: 10 * fixture.tickMs });
      await fixture.advance(5);
      expectEqual(await fixture.listNames(), ['ada'], 'live sessions before');
      await fixture.advance(7);
      expectEqual(await fixture.listNames(), [], 'live sessions after');
    },
    'a session does not end when a shorter-lived sibling ends': async (fixture) => {
      const long = await fixture.start('long');
      await fixture.start('short', fixture.shortLived);
      await fixture.advance(1);
      await fixture.store.touch(fixture.toAddress('short'));
      await fixture.replace('short', 1);
      await fixture.advance(5);
      expectEqual(await fixture.read('long'), long, 'the longer-lived session');
    },
  }),
  ...defineCases(
    'all-9',
    Object.fromEntries(
      Object.entries(endLast).map(([how, end]) => [
        `a key is removed with the last reason after its last session ${how}`,
        (fixture: StoreFixture) => expectRemovedWithReason(fixture, end),
      ]),
    ),
    'hasKey',
  ),
  ...defineCases(
    'all-9',
    {
      'calls that find no session leave nothing under the key': async (fixture) => {
        await fixture.store.read(fixture.toAddress('ada'));
        await fixture.store.touch(fixture.toAddress('ada'));
        await fixture.store.replace(fixture.buildReplace('ada', 1));
        await fixture.store.regenerate(fixture.buildRegenerate('ada', 'new'));
        await fixture.store.start(
          fixture.buildStart('grace', { replaces: { hash: fixture.toAddress('ada').hash, revision: 1 } }),
        );
        await expectNothingKept(fixture);
      },
    },
    'hasKey',
  ),
  ...defineCases(
    'all-9',
    {
      'nothing is kept under a key after its last session has expired': async (fixture) => {
        await fixture.start('ada', fixture.shortLived);
        await fixture.advance(5);
        await expectNothingKept(fixture);
      },
    },
    'hasKey',
    'getTtlMs',
  ),
  ...defineCases(
    'all-9',
    {
      'a key is kept as long as its longest-lived session needs after every write': expectLongTtl,
    },
    'getTtlMs',
  ),
  ...defineCases(
    'all-10',
    Object.fromEntries(
      Object.entries(endLong).map(([how, remove]) => [
        `a key is not kept as long as a session that was ${how}`,
        (fixture: StoreFixture) => expectShortTtl(fixture, remove),
      ]),
    ),
    'getTtlMs',
  ),
];

async function expectNothingKept(fixture: StoreFixture): Promise<void> {
  expectEqual(await fixture.getAbility('hasKey')(fixture.key), false, 'whether anything is kept under the key');
}

async function expectLongTtl(fixture: StoreFixture): Promise<void> {
  const expectKept = async (ms: number, after: string): Promise<void> => {
    const ttlMs = await fixture.getAbility('getTtlMs')(fixture.key);
    // Some time has passed since the write, so the key may be kept for up to 100 ticks less.
    const isExact = ttlMs <= ms && ttlMs > ms - 100 * fixture.tickMs;
    expectTrue(isExact, `after ${after}: expected the key to be kept for ${ms} ms or a little less, found ${ttlMs}`);
  };
  const { idleMs } = fixture.longLived;
  await fixture.start('ada');
  await expectKept(idleMs, 'start');
  await fixture.start('short', fixture.shortLived);
  await expectKept(idleMs, 'starting a shorter-lived one');
  await fixture.replace('ada', 1);
  await expectKept(idleMs, 'replace');
  await fixture.store.touch(fixture.toAddress('short'));
  await expectKept(idleMs, 'touching the shorter-lived one');
  await fixture.regenerate('ada', 'new', 700 * fixture.tickMs);
  await expectKept(idleMs, 'regenerate with an earlier deadline');
  await fixture.start('grace', { idleMs: 1_500 * fixture.tickMs });
  await expectKept(1_500 * fixture.tickMs, 'starting a longer-lived one');
}

/** The reason lasts until the absolute deadline of the session. Some stores remove what is over at the next call. */
async function expectRemovedWithReason(
  fixture: StoreFixture,
  end: (fixture: StoreFixture) => Promise<unknown>,
): Promise<void> {
  await fixture.start('ada', { lifetimeMs: 5 * fixture.tickMs });
  await end(fixture);
  expectEqual(await fixture.getAbility('hasKey')(fixture.key), true, 'whether the reason is kept under the key');
  await fixture.advance(6);
  expectEqual(await fixture.listNames(), [], 'live sessions');
  await expectNothingKept(fixture);
}

async function expectShortTtl(
  fixture: StoreFixture,
  remove: (fixture: StoreFixture) => Promise<unknown>,
): Promise<void> {
  const reasonMs = 36 * 3_600_000;
  await fixture.start('long', { idleMs: 2 * reasonMs, lifetimeMs: 3 * reasonMs });
  await fixture.advance(0.1);
  await fixture.start('short', fixture.shortLived);
  await remove(fixture);
  const ttlMs = await fixture.getAbility('getTtlMs')(fixture.key);
  expectTrue(ttlMs <= reasonMs, `expected the key to be kept for ${reasonMs} ms at most, found ${ttlMs}`);
}
