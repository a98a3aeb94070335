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
  onTestEnd({ title }: TestCase, { status, annotations }: TestResult): void {
    const find = (name: string) => annotations.filter(({ type }) => type === name).map((one) => one.description);
    const [table] = find('row');
    if (table === undefined || status === 'interrupted') return;
    const versions = find('version').join(', ');
    const failure = status === 'skipped' ? `skipped: ${find('skip').join(', ')}` : 'failed';
    const cells = [title, versions, status === 'passed' ? 'passed' : failure, new Date().toISOString().slice(0, 10)];
    // At once, so that a run that is stopped keeps its results.
    writeFileSync(page, replaceRow(readFileSync(page, 'utf8'), table, { title, row: toRow(cells) }));
  }
}

interface Row {
  readonly title: string;
  readonly row: string;
}

function replaceRow(text: string, head: string, { title, row }: Row): string {
  const table = new RegExp(`^\\| ${head} \\|.*\\n\\|.*((?:\\n\\|.*)*)`, 'm');
  const before = (table.exec(text)?.[1] ?? '').split('\n').filter(Boolean);
  const all = new Map(before.map((one) => [one.split('|')[1]?.trim() ?? '', one])).set(title, row);
  const sorted = [...all].sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }));
  const heads = [head, 'versions', 'result', 'date'];
  const lines = [toRow(heads), toRow(heads.map(() => '---')), ...sorted.map(([, line]) => line)];
  return text.replace(table, () => lines.join('\n'));
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
