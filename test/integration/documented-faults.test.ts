import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { isListedFile, readListedFaults } from './evidence.ts';
import { findBrokenLinks, root } from './markdown.ts';
import { readFaultsOnPage } from './redis-page.ts';

const listed = readListedFaults();
const folder = join(root, 'test/integration');
const listTestFiles = (path: string) => readdirSync(path).filter((file) => file.endsWith('.test.ts'));

/** The fault numbers at the start of the titles in a file. */
function readTestedNumbers(file: string): readonly string[] {
  const titles = readFileSync(join(root, file), 'utf8').matchAll(/['"`](F\d+) · /g);
  return [...new Set(Array.from(titles, ([, number = '']) => number))];
}

test('README.md numbers the faults from 1 without gaps', () => {
  expect(listed.map(({ number }) => number)).toEqual(listed.map((_, at) => `F${at + 1}`));
  expect(listed.length).toBeGreaterThan(30);
});

test('README.md and docs/redis.md list the same faults', () => {
  expect(readFaultsOnPage().toSorted()).toEqual(listed.map(({ fault }) => fault).sort());
});

test('every fault names a test file, or says why it has none', () => {
  const unproven = listed.filter(({ files, notAutomated }) => files.length > 0 === (notAutomated !== undefined));
  expect(unproven).toEqual([]);
  expect(listed.flatMap(({ files }) => files).filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('the tests in faults/ are exactly those that README.md lists', () => {
  const files = listTestFiles(join(folder, 'faults')).map((file) => `test/integration/faults/${file}`);
  const tested = files.flatMap((file) => readTestedNumbers(file).map((number) => `${number} in ${basename(file)}`));
  const expected = listed.flatMap(({ number, files: proofs }) =>
    proofs.filter((file) => files.includes(file)).map((file) => `${number} in ${basename(file)}`),
  );
  expect(tested.sort()).toEqual(expected.sort());
});

test('README.md lists every test file of this folder', () => {
  expect(listTestFiles(folder).filter((file) => !isListedFile(file))).toEqual([]);
});

test('README.md and docs/redis.md link only to files and headings that exist', () => {
  expect(['test/integration/README.md', 'docs/redis.md'].flatMap(findBrokenLinks)).toEqual([]);
});
