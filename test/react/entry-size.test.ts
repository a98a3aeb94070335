import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

/** Everything of the entry point: minified, compressed, without React. */
const maxBytes = 5 * 1024;

test('the React entry point has at most 5 kB, with all hooks', async () => {
  const input = new URL('../../src/react.ts', import.meta.url).pathname;
  const bundle = await rolldown({ input, external: [/^react(\/|$)/], platform: 'browser', logLevel: 'silent' });
  const { output } = await bundle.generate({ minify: true });
  expect(output).toHaveLength(1);
  expect(gzipSync(output[0].code, { level: 9 }).length).toBeLessThanOrEqual(maxBytes);
});
