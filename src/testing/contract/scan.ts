import { expectEqual, expectTrue } from '../expect.ts';
import { defineCases, type StoreCase } from '../store-case.ts';
import type { StoreFixture } from '../store-fixture.ts';

const many = 300;
/** No scan of a test database takes more pages. */
const maxPages = 1_000;

export const scanCases: readonly StoreCase[] = [
  ...defineCases('scan-1', {
    'the pages of a scan contain every key with a session': async (fixture) => {
      const keys = await startMany(fixture);
      const scanned = new Set(await scanAll(fixture, toStart(fixture)));
      expectEqual(scanned, new Set(keys), 'the keys of all pages');
    },
    'a scan misses no key while others come and go': async (fixture) => {
      const kept = await startMany(fixture);
      const { store } = fixture;
      let round = 0;
      const scanned = await scanAll(fixture, toStart(fixture), async () => {
        round += 1;
        const key = `${toStart(fixture)} round ${round}}`;
        await fixture.start('guest', { key });
        await store.revoke(`${toStart(fixture)} round ${round - 1}}`, 'all');
      });
      expectEqual(new Set(scanned.filter((key) => kept.includes(key))), new Set(kept), 'the keys that were kept');
    },
  }),
  ...defineCases('scan-2', {
    'a scan returns no key that starts differently': async (fixture) => {
      await fixture.start('ada');
      await fixture.start('grace', { key: `other ${fixture.key}` });
      expectEqual([...new Set(await scanAll(fixture, toStart(fixture)))], [fixture.key], 'the keys of all pages');
    },
    'a scan takes every character of the start literally': async (fixture) => {
      await fixture.start('grace', { key: `${toStart(fixture)}ab}` });
      for (const sign of ['*', '?', '[a]', '\\', '^', '-']) {
        const key = `${toStart(fixture)}${sign}b}`;
        await fixture.start(`ada ${sign}`, { key });
        const scanned = await scanAll(fixture, key.slice(0, -1));
        expectEqual([...new Set(scanned)], [key], `the keys that start with ${sign}`);
      }
    },
  }),
  ...defineCases('scan-3', {
    'a scan without results ends': async (fixture) => {
      expectEqual(await scanAll(fixture, toStart(fixture)), [], 'the keys of all pages');
    },
  }),
  ...defineCases('scan-4', {
    'a scan resolves after the sessions of a key have ended': async (fixture) => {
      await fixture.start('ada');
      await fixture.store.revoke(fixture.key, 'all');
      const scanned = await scanAll(fixture, toStart(fixture));
      expectTrue(
        scanned.every((key) => key === fixture.key),
        'the pages contain no other key',
      );
    },
  }),
];

/** What the keys of one case start with. */
function toStart({ key }: StoreFixture): string {
  return key.slice(0, -1);
}

async function startMany(fixture: StoreFixture): Promise<readonly string[]> {
  const keys = Array.from({ length: many }, (_, n) => `${toStart(fixture)} ${n}}`);
  await Promise.all(keys.map((key) => fixture.start('ada', { key })));
  return keys;
}

async function scanAll(
  { store }: StoreFixture,
  start: string,
  afterPage: () => Promise<void> = async () => {},
): Promise<readonly string[]> {
  const keys: string[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page: Awaited<ReturnType<typeof store.scan>> = await store.scan({ start, cursor });
    keys.push(...page.keys);
    cursor = page.cursor;
    pages += 1;
    expectTrue(pages < maxPages, `expected the scan to end, but it has ${pages} pages`);
    await afterPage();
  } while (cursor !== null);
  return keys;
}
