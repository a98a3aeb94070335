import { subjects } from '../subjects.mjs';

const columns = [
  ['requests/s', ({ perSecond }) => formatSummary(perSecond, 0)],
  ['× base', ({ speed }) => formatSummary(speed, 2)],
  ['CPU µs', ({ cpu }) => formatSummary(cpu, 0)],
  ['CPU µs over base', ({ cpuOverBase }) => formatSummary(cpuOverBase, 0)],
  ['p50 / p99 ms', ({ p50, p99 }) => (p50 === undefined ? '' : `${p50.toFixed(2)} / ${p99.toFixed(1)}`)],
  ['Redis commands', ({ commands }) => formatCommands(commands)],
  ['Redis µs', ({ redisMicros }) => (redisMicros.median ? redisMicros.median.toFixed(1) : '')],
];

/** Renders what a case measured: a table for each number in flight or operation. */
export function renderCase(name, measured) {
  return Object.entries(measured)
    .map(([part, rows]) => `### ${name}: ${part}\n\n${renderTable(rows)}`)
    .join('\n\n');
}

function renderTable(rows) {
  const lines = Object.entries(rows).map(([name, row]) => {
    const title = `${subjects[name].base ? '&ensp;' : ''}${subjects[name].title}`;
    return `| ${[title, ...columns.map(([, format]) => format(row))].join(' | ')} |`;
  });
  const head = `| | ${columns.map(([title]) => title).join(' | ')} |`;
  return [head, `| --- |${' ---: |'.repeat(columns.length)}`, ...lines].join('\n');
}

/** Formats a median with its minimum and maximum. */
function formatSummary(summary, digits) {
  if (!summary) return '';
  const [median, min, max] = [summary.median, summary.min, summary.max].map((value) => formatNumber(value, digits));
  return `${median} (${min}–${max})`;
}

function formatNumber(value, digits) {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function formatCommands(commands) {
  return Object.entries(commands)
    .map(([name, count]) => `${name} ${formatNumber(count, count > 0.95 && count < 1.05 ? 0 : 2)}`)
    .join(', ');
}
