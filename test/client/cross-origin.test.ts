// Slow: it compiles the code of docs/cross-origin.md. test/e2e/cross-origin-spa.spec.ts runs that code in a browser.
import { describe, expect, test } from 'vitest';
import { writeDocsPage } from '../_support/docs-page.ts';
import { findBrokenLinks } from '../integration/markdown.ts';

describe('docs/cross-origin.md', () => {
  test('has code that compiles in strict mode', async () => {
    const packages = ['@trpc', '@types', 'cors', 'ioredis', 'react', 'react-dom', 'zod'];
    await using page = await writeDocsPage('docs/cross-origin.md', { packages });
    expect(await page.compile()).toBe('');
  }, 60_000);

  test('links to files and headings that exist', () => {
    expect(findBrokenLinks('docs/cross-origin.md')).toEqual([]);
    expect(findBrokenLinks('docs/proxies.md')).toEqual([]);
    expect(findBrokenLinks('README.md')).toEqual([]);
    expect(findBrokenLinks('SECURITY.md')).toEqual([]);
  });
});
