// Slow: it builds the declarations and compiles them with two compilers and three versions of tRPC.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CompilerError,
  type Consumers,
  compilerVersions,
  installConsumers,
  readInstalledVersions,
  trpcVersions,
} from './_support/consumer.ts';

const wrong = new URL('../fixtures/consumers/wrong.ts', import.meta.url);
const pairs = trpcVersions.flatMap((version) => compilerVersions.map((compiler) => ({ version, compiler })));

let consumers: Consumers;
let errors: ReadonlyMap<string, readonly CompilerError[]>;

beforeAll(async () => {
  consumers = await installConsumers();
  const checked = pairs.map(async ({ version, compiler }) => {
    return [`${version} ${compiler}`, await consumers.check(version, compiler)] as const;
  });
  errors = new Map(await Promise.all(checked));
}, 120_000);

afterAll(() => consumers[Symbol.asyncDispose]());

/** The numbers of the lines that must not compile. */
function findWrongLines(): readonly number[] {
  const lines = readFileSync(wrong, 'utf8').split('\n');
  return lines.flatMap((line, at) => (line.endsWith('// wrong') ? [at + 1] : []));
}

test('the installed versions are the expected ones', async () => {
  for (const [name, version] of Object.entries(await readInstalledVersions())) {
    expect(version.startsWith(name.split(' ')[1] ?? 'none')).toBe(true);
  }
});

describe.each(pairs)('with tRPC $version and TypeScript $compiler', ({ version, compiler }) => {
  const found = () => errors.get(`${version} ${compiler}`) ?? [];

  test('the apps and the published declarations compile', () => {
    expect(found().filter(({ file }) => file !== 'wrong.ts')).toEqual([]);
  });

  test('each wrong line is an error, and no other line is', () => {
    const lines = new Set(
      found()
        .filter(({ file }) => file === 'wrong.ts')
        .map(({ line }) => line),
    );
    expect(findWrongLines().length).toBeGreaterThan(10);
    expect([...lines].toSorted((a, b) => a - b)).toEqual(findWrongLines());
  });
});
