import { expect, test } from 'vitest';
import { findBrokenLinks, readMarkdown } from './integration/markdown.ts';
import { formatTitle, nextCases, pagesVersions } from './matrix/next-cases.ts';
import { reactCases } from './matrix/react-cases.ts';

/** The results in docs/compatibility.md, which `npm run test:matrix` writes, by the title of their test. */
const results = new Map(
  [...readMarkdown('docs/compatibility.md').matchAll(/^\| (.+?) \| .+ \| (.+) \| \d{4}-\d{2}-\d{2} \|$/gm)].map(
    ([, title = '', result = '']) => [title, result],
  ),
);

test.each([
  ...nextCases.map(formatTitle),
  ...pagesVersions.map((next) => `Next ${next}, Pages Router`),
  ...reactCases.map(({ title }) => title),
])('docs/compatibility.md has a result for %s', (title) => {
  expect([...results.keys()]).toContain(title);
});

test('every result in docs/compatibility.md is a pass, or says why the test was skipped', () => {
  expect([...results].filter(([, result]) => !/^(passed|skipped: .{10,})$/.test(result))).toEqual([]);
});

test('docs/compatibility.md links only to files and headings that exist', () => {
  expect(findBrokenLinks('docs/compatibility.md')).toEqual([]);
});
