import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

const page = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));
const table = /^\| case \|.*(?:\n\|.*)*/m;
const head = ['case', 'versions', 'result', 'date'];

/**
 * Writes the results of the tests that have `tableRow` to docs/compatibility.md. A test's annotations of the type
 * `version` are in its row. A run of some cases replaces their rows only, so each row has its own date.
 */
// biome-ignore lint/style/noDefaultExport: Playwright reads the default export
export default class PackageTableReporter implements Reporter {
  readonly #rows = new Map<string, string>();

  onTestEnd({ title }: TestCase, { status, annotations }: TestResult): void {
    const isRow = annotations.some(({ type }) => type === 'row');
    if (!isRow || status === 'skipped' || status === 'interrupted') return;
    const versions = annotations.filter(({ type }) => type === 'version').map(({ description }) => description);
    const result = status === 'passed' ? 'passed' : 'failed';
    const date = new Date().toISOString().slice(0, 10);
    this.#rows.set(title, toRow([title, versions.join(', '), result, date]));
  }

  onEnd(): void {
    if (this.#rows.size === 0) return;
    const text = readFileSync(page, 'utf8');
    for (const row of table.exec(text)?.[0].split('\n').slice(2) ?? []) {
      const title = row.split('|')[1]?.trim() ?? '';
      if (!this.#rows.has(title)) this.#rows.set(title, row);
    }
    const rows = [...this.#rows].sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }));
    const lines = [toRow(head), toRow(head.map(() => '---')), ...rows.map(([, row]) => row)];
    writeFileSync(
      page,
      text.replace(table, () => lines.join('\n')),
    );
  }
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
