import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

const page = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));

/**
 * Writes the results to the tables of docs/compatibility.md. A test's annotation of the type `row` names its table: the
 * head of the first column. Its annotations of the type `version` are in its row. A run of some tests replaces their rows
 * only, so each row has its own date. The result of a skipped test is its reason.
 */
// biome-ignore lint/style/noDefaultExport: Playwright reads the default export
export default class TableReporter implements Reporter {
  /** The rows of each table, by title. */
  readonly #tables = new Map<string, Map<string, string>>();

  onTestEnd({ title }: TestCase, { status, annotations }: TestResult): void {
    const find = (name: string) => annotations.filter(({ type }) => type === name).map((one) => one.description);
    const [table] = find('row');
    if (table === undefined || status === 'interrupted') return;
    const versions = find('version').join(', ');
    const failure = status === 'skipped' ? `skipped: ${find('skip').join(', ')}` : 'failed';
    const cells = [title, versions, status === 'passed' ? 'passed' : failure, new Date().toISOString().slice(0, 10)];
    const rows = this.#tables.get(table) ?? new Map<string, string>();
    this.#tables.set(table, rows.set(title, toRow(cells)));
  }

  onEnd(): void {
    let text = readFileSync(page, 'utf8');
    for (const [table, rows] of this.#tables) text = replaceRows(text, table, rows);
    writeFileSync(page, text);
  }
}

function replaceRows(text: string, head: string, rows: ReadonlyMap<string, string>): string {
  const table = new RegExp(`^\\| ${head} \\|.*\\n\\|.*((?:\\n\\|.*)*)`, 'm');
  const before = (table.exec(text)?.[1] ?? '').split('\n').filter(Boolean);
  const all = new Map([...before.map((row) => [row.split('|')[1]?.trim() ?? '', row] as const), ...rows]);
  const sorted = [...all].sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }));
  const heads = [head, 'versions', 'result', 'date'];
  const lines = [toRow(heads), toRow(heads.map(() => '---')), ...sorted.map(([, row]) => row)];
  return text.replace(table, () => lines.join('\n'));
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
