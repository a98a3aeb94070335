import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';
import { formatTitle, nextCases } from './next-cases.ts';

const page = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));
const head = ['Next', 'bundler', 'Cache Components', 'React', 'TypeScript', 'Node', 'result', 'date'];

/**
 * Writes the results to docs/compatibility.md. A run of some versions replaces their rows only, so each row has its own
 * date. A version that was not run has no row.
 */
// biome-ignore lint/style/noDefaultExport: Playwright reads the default export
export default class TableReporter implements Reporter {
  readonly #rows = new Map<string, string>();

  onTestEnd({ title }: TestCase, { status, annotations }: TestResult): void {
    const nextCase = nextCases.find((one) => formatTitle(one) === title);
    if (!nextCase || status === 'skipped' || status === 'interrupted') return;
    const find = (name: string) => annotations.find(({ type }) => type === name)?.description ?? '';
    const { next, bundler, cacheComponents } = nextCase;
    const versions = [find('react'), find('typescript'), process.versions.node];
    const result = status === 'passed' ? 'passed' : 'failed';
    const date = new Date().toISOString().slice(0, 10);
    const cells = [next, bundler, cacheComponents ? 'on' : 'off', ...versions, result, date];
    this.#rows.set(toKey(cells), toRow(cells));
  }

  onEnd(): void {
    const text = existsSync(page) ? readFileSync(page, 'utf8') : '';
    const table = /^\| Next \|.*(?:\n\|.*)*/m;
    for (const row of table.exec(text)?.[0].split('\n').slice(2) ?? []) {
      const key = toKey(row.split('|').slice(1, -1));
      if (!this.#rows.has(key)) this.#rows.set(key, row);
    }
    const rows = [...this.#rows.keys()].sort(compareKeys).map((key) => this.#rows.get(key) ?? '');
    const lines = [toRow(head), toRow(head.map(() => '---')), ...rows].join('\n');
    writeFileSync(page, table.test(text) ? text.replace(table, lines) : `${text}${lines}\n`);
  }
}

/** What tells one row from another: the version, the bundler and Cache Components. */
function toKey(cells: readonly string[]): string {
  return cells
    .slice(0, 3)
    .map((cell) => cell.trim())
    .join(' ');
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function compareKeys(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
