import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { summarize } from '../../bench/measure/statistics.mjs';
import { renderFiles } from '../../bench/report/page.mjs';

const { environment, results } = JSON.parse(readFileSync('docs/benchmarks/results.json', 'utf8'));
const files: Readonly<Record<string, string>> = renderFiles(results, environment);

test.each(Object.keys(files))('docs/%s shows the stored results', (file) => {
  expect(readFileSync(`docs/${file}`, 'utf8')).toBe(files[file]);
});

test('there is no plot that the page does not show', () => {
  const plots = readdirSync('docs/benchmarks').filter((file) => file.endsWith('.svg'));
  expect(plots.map((file) => `benchmarks/${file}`).filter((file) => !(file in files))).toEqual([]);
});

test('a median of an even number of values is between the two in the middle', () => {
  expect(summarize([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});
