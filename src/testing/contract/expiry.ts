import type { Bench } from '../bench.ts';
import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';

const kept = "A session is kept until its clocks run out, and nothing longer than its key's longest-lived session.";

/** The one that lives longest goes, in each of the ways in which a call can end it; `short` stays. */
const departures: Readonly<Record<string, (bench: Bench) => Promise<unknown>>> = {
  destroyed: (bench) => bench.store.destroy(bench.at('long')),
  'revoked by its id': (bench) => bench.store.revoke(bench.key, { id: bench.id('long') }),
  'revoked with all others': (bench) => bench.store.revoke(bench.key, { except: bench.id('short') }),
  replaced: (bench) => bench.start('next', { ...bench.short, replaces: { hash: bench.at('long').hash } }),
  evicted: (bench) => bench.start('next', { ...bench.short, limit: { max: 2, whenFull: 'evict' } }),
};

export const keepingCases: readonly StoreCase[] = [
  ...defineCases("Clocks are the store's own, in milliseconds since the epoch; callers hand it durations.", {
    'start stamps a session with one time, and counts its deadline from there': async (bench) => {
      const terms = { idleMs: 300 * bench.tickMs, lifetimeMs: 700 * bench.tickMs };
      const { createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs } = await bench.start('ada', terms);
      expectTrue(Number.isInteger(createdAt) && createdAt > 0, 'createdAt is whole milliseconds since the epoch');
      expectEqual(
        { authenticatedAt, lastSeenAt, expiresAt, idleMs },
        {
          authenticatedAt: createdAt,
          lastSeenAt: createdAt,
          expiresAt: createdAt + terms.lifetimeMs,
          idleMs: terms.idleMs,
        },
        'the other clocks',
      );
    },
    "the store's time passes between calls": async (bench) => {
      const first = await bench.start('ada');
      await bench.pass(3);
      const second = await bench.start('grace');
      const passedMs = second.createdAt - first.createdAt;
      expectTrue(
        passedMs >= 2 * bench.tickMs,
        `3 ticks of ${bench.tickMs} ms later the store's time is ${passedMs} ms later`,
      );
    },
  }),
  ...defineCases(kept, {
    'a session lives until its idle clock runs out, and no longer': async (bench) => {
      await bench.start('ada', { idleMs: 10 * bench.tickMs });
      await bench.pass(5);
      expectEqual(await bench.living(), ['ada'], 'live sessions before');
      await bench.pass(7);
      expectEqual(await bench.living(), [], 'live sessions after');
    },
    'a session does not end with a sibling that lives shorter': async (bench) => {
      const long = await bench.start('long');
      await bench.start('short', bench.short);
      await bench.pass(1);
      await bench.store.touch(bench.at('short'));
      await bench.replace('short', 1);
      await bench.pass(5);
      expectEqual(await bench.read('long'), long, 'the session that lives longer');
    },
  }),
  ...defineCases(
    kept,
    {
      'nothing is kept of a key when its last session is destroyed': async (bench) => {
        await bench.start('ada');
        await bench.store.destroy(bench.at('ada'));
        await expectNothingKept(bench);
      },
      'nothing is kept of a key when its sessions are revoked one by one': async (bench) => {
        await bench.start('ada');
        await bench.regenerate('ada', 'new');
        await bench.start('grace', { replaces: { hash: bench.at('new').hash } });
        await bench.store.revoke(bench.key, { id: bench.id('grace') });
        await expectNothingKept(bench);
      },
      'nothing is kept of a key when all its sessions are revoked': async (bench) => {
        await bench.start('ada');
        await bench.start('grace');
        await bench.store.revoke(bench.key, 'all');
        await expectNothingKept(bench);
      },
      'writes and reads that find nothing keep nothing': async (bench) => {
        await bench.store.read(bench.at('ada'));
        await bench.store.touch(bench.at('ada'));
        await bench.store.replace(bench.replaceCommand('ada', 1));
        await bench.store.regenerate(bench.regenerateCommand('ada', 'new'));
        await bench.store.start(bench.startCommand('grace', { replaces: { hash: bench.at('ada').hash, revision: 1 } }));
        await expectNothingKept(bench);
      },
    },
    'exists',
  ),
  ...defineCases(
    kept,
    {
      'nothing is kept of a key when its last session has run out': async (bench) => {
        await bench.start('ada', bench.short);
        await bench.pass(5);
        await expectNothingKept(bench);
      },
    },
    'exists',
    'ttlMs',
  ),
  ...defineCases(
    kept,
    {
      'a key is kept for as long as its longest-lived session after every write': expectKeyLivesAsLongest,
      ...Object.fromEntries(
        Object.entries(departures).map(([how, depart]) => [
          `a key is not kept for the sake of a session that was ${how}`,
          (bench: Bench) => expectKeyLivesAsShortest(bench, depart),
        ]),
      ),
    },
    'ttlMs',
  ),
];

async function expectNothingKept(bench: Bench): Promise<void> {
  expectEqual(await bench.ability('exists')(bench.key), false, 'whether anything is kept under the key');
}

async function expectKeyLivesAsLongest(bench: Bench): Promise<void> {
  const expectKept = async (ms: number, after: string): Promise<void> => {
    const ttlMs = await bench.ability('ttlMs')(bench.key);
    // Some of the time has passed since the write, and less than the slack.
    const inTime = ttlMs <= ms && ttlMs > ms - 100 * bench.tickMs;
    expectTrue(inTime, `after ${after} the key is kept for ${ttlMs} ms: expected ${ms}, or a little less`);
  };
  const { idleMs } = bench.long;
  await bench.start('ada');
  await expectKept(idleMs, 'start');
  await bench.start('short', bench.short);
  await expectKept(idleMs, 'starting one that lives shorter');
  await bench.replace('ada', 1);
  await expectKept(idleMs, 'replace');
  await bench.store.touch(bench.at('short'));
  await expectKept(idleMs, 'touching the one that lives shorter');
  await bench.regenerate('ada', 'new', 700 * bench.tickMs);
  await expectKept(700 * bench.tickMs, 'regenerate with a nearer deadline');
  await bench.start('grace', { idleMs: 1_500 * bench.tickMs });
  await expectKept(1_500 * bench.tickMs, 'starting one that lives longer');
}

async function expectKeyLivesAsShortest(bench: Bench, depart: (bench: Bench) => Promise<unknown>): Promise<void> {
  await bench.start('long');
  await bench.pass(0.1);
  await bench.start('short', bench.short);
  await depart(bench);
  const ttlMs = await bench.ability('ttlMs')(bench.key);
  expectTrue(ttlMs <= bench.short.idleMs, `the key is kept for ${ttlMs} ms, and its session for ${bench.short.idleMs}`);
}
