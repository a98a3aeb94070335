// Slow: it compiles the library and counts the calls of its functions.
import { execFileSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';

let output: string;
beforeAll(() => {
  output = execFileSync(process.execPath, ['bench/function-calls.mjs'], { encoding: 'utf8' });
}, 60_000);

/**
 * Times depend on the machine; these counts do not. A change that needs more calls may be worth it. Then raise the bound,
 * and say why in the commit.
 */
test.each([
  ['a guarded query', 96],
  ['a public query', 15],
  ['a sign-in', 208],
])('%s calls at most %d functions of the library', (label, most) => {
  const [, count] = new RegExp(`^${label}: (\\d+) calls$`, 'm').exec(output) ?? [];
  expect(Number(count)).toBeGreaterThan(0);
  expect(Number(count)).toBeLessThanOrEqual(most);
});
