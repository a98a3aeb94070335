import { compareRounds, summarize } from '../measure/statistics.mjs';
import { findSubject } from '../subjects.mjs';

export function formatNumber(value, digits) {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Formats a median with its minimum and maximum. */
export function formatSummary({ median, min, max }, digits) {
  return `${formatNumber(median, digits)} (${formatNumber(min, digits)}–${formatNumber(max, digits)})`;
}

/** Renders a table. The first column is text, and the others are numbers. */
export function renderTable(head, rows) {
  const lines = [head, ['---', ...head.slice(1).map(() => '---:')], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const divide = (own, other) => own / other;

/** How fast a subject is: the requests per second of each round as a share of those of another subject. */
export function compareSpeed(rows, name, other = findSubject(name).base) {
  return compareRounds(rows[name].perSecond, rows[other].perSecond, divide);
}

/** The CPU time per request of a subject as a multiple of that of another subject. */
export function compareCpu(rows, name, other = findSubject(name).base) {
  return compareRounds(rows[name].cpu, rows[other].cpu, divide);
}

/** The CPU time per request of a subject that its base does not need, in µs. */
export function subtractBaseCpu(rows, name) {
  return compareRounds(rows[name].cpu, rows[findSubject(name).base].cpu, (own, base) => own - base);
}

const columns = {
  'requests/s': ({ perSecond }) => formatSummary(summarize(perSecond), 0),
  'µs per call': ({ perSecond }) => formatSummary(summarize(perSecond.map((count) => 1_000_000 / count)), 1),
  '× base': (_row, rows, name) => (hasBase(rows, name) ? formatSummary(compareSpeed(rows, name), 2) : ''),
  'CPU µs': ({ cpu }) => formatSummary(summarize(cpu), 0),
  'CPU × base': (_row, rows, name) => (hasBase(rows, name) ? formatSummary(compareCpu(rows, name), 2) : ''),
  'CPU µs over base': (_row, rows, name) => (hasBase(rows, name) ? formatSummary(subtractBaseCpu(rows, name), 0) : ''),
  'p50 / p99 ms': ({ p50, p99 }) => `${formatNumber(p50, 2)} / ${formatNumber(p99, 1)}`,
  'Redis commands': ({ commands }) =>
    Object.entries(commands)
      // Fewer are those of another app, such as the checks of a near cache.
      .filter(([, count]) => count >= 0.05)
      .map(
        ([command, count]) => `${command} ${formatNumber(count, Math.abs(count - Math.round(count)) < 0.05 ? 0 : 2)}`,
      )
      .join(', '),
  'Redis µs': ({ redisMicros }) => {
    const { median } = summarize(redisMicros);
    return median ? formatNumber(median, 1) : '';
  },
};

function hasBase(rows, name) {
  return findSubject(name).base in rows;
}

/** Renders a table with a row for each subject. A base without a name of its own is the row above. */
export function renderSubjects(rows, columnNames) {
  const lines = Object.entries(rows).map(([name, row]) => [
    `${hasBase(rows, name) ? '&ensp;' : ''}${findSubject(name).title}`,
    ...columnNames.map((column) => columns[column](row, rows, name)),
  ]);
  return renderTable(['', ...columnNames], lines);
}
