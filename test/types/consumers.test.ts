import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Complaint,
  type Consumers,
  compilerVersions,
  installConsumers,
  installedVersions,
  trpcVersions,
} from './_support/consumer.ts';

const wrong = new URL('../fixtures/consumers/wrong.ts', import.meta.url);
const pairs = trpcVersions.flatMap((version) => compilerVersions.map((compiler) => ({ version, compiler })));

let consumers: Consumers;
let complaints: ReadonlyMap<string, readonly Complaint[]>;

beforeAll(async () => {
  consumers = await installConsumers();
  const checked = pairs.map(async ({ version, compiler }) => {
    return [`${version} ${compiler}`, await consumers.check(version, compiler)] as const;
  });
  complaints = new Map(await Promise.all(checked));
}, 120_000);

afterAll(() => consumers[Symbol.asyncDispose]());

/** The numbers of the lines that must not compile. */
function wrongLines(): readonly number[] {
  const lines = readFileSync(wrong, 'utf8').split('\n');
  return lines.flatMap((line, at) => (line.endsWith('// wrong') ? [at + 1] : []));
}

test('the versions that are checked are the ones installed', async () => {
  for (const [name, version] of Object.entries(await installedVersions())) {
    expect(version.startsWith(name.split(' ')[1] ?? 'none')).toBe(true);
  }
});

describe.each(pairs)('with tRPC $version and TypeScript $compiler', ({ version, compiler }) => {
  const found = () => complaints.get(`${version} ${compiler}`) ?? [];

  test('the apps compile, and so do our declarations', () => {
    expect(found().filter(({ file }) => file !== 'wrong.ts')).toEqual([]);
  });

  test('what is wrong is refused, line by line', () => {
    const lines = new Set(
      found()
        .filter(({ file }) => file === 'wrong.ts')
        .map(({ line }) => line),
    );
    expect(wrongLines().length).toBeGreaterThan(10);
    expect([...lines].toSorted((a, b) => a - b)).toEqual(wrongLines());
  });
});
