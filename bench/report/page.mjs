import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { claims } from './claims.mjs';
import { formatNumber, renderTable } from './format.mjs';
import { renderBars } from './plot.mjs';
import { sections } from './sections.mjs';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));

/** Reads the results that the page was made from. */
export function readResults() {
  const file = `${docs}benchmarks/results.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).results : {};
}

/** Renders the tables of a case for the terminal. */
export function renderCase(name, measured) {
  return `## ${sections[name].heading}\n\n${sections[name].renderTables(measured)}\n`;
}

/** Renders the claims that the results decide. */
export function renderClaims(results) {
  const rows = decideClaims(results).map(({ what, limit, isMinimum, digits, from, value, isMet }) => [
    what,
    `${isMinimum ? '≥' : '≤'} ${formatNumber(limit, Number.isInteger(limit) ? 0 : digits)}`,
    formatNumber(value, digits),
    isMet ? 'yes' : 'no',
    createLink(from),
  ]);
  return renderTable(['', 'goal', 'measured', 'met', 'table'], rows);
}

/** Explains the claims that are not met. */
function renderMissed(results) {
  const missed = decideClaims(results).filter(({ isMet }) => !isMet);
  if (missed.length === 0) return '';
  const lines = missed.map(({ what, bound }) => `- **${what}.** ${bound}`);
  return `### What bounds the goals that are not met\n\n${[...new Set(lines)].join('\n')}`;
}

/** Returns the claims that the results decide, with their values. */
function decideClaims(results) {
  return claims.flatMap((claim) => {
    const value = results[claim.from] && claim.measure(results[claim.from], results);
    if (value === undefined) return [];
    return [{ ...claim, value, isMet: claim.isMinimum ? value >= claim.limit : value <= claim.limit }];
  });
}

function createLink(name) {
  const { heading } = sections[name];
  return `[${heading}](#${heading.toLowerCase().replaceAll(',', '').replaceAll(' ', '-')})`;
}

/** Writes docs/benchmarks.md, its plots, and the results that both are made from. */
export function writePage(results, environment) {
  mkdirSync(`${docs}benchmarks`, { recursive: true });
  writeFileSync(`${docs}benchmarks/results.json`, `${JSON.stringify({ environment, results })}\n`);
  for (const [file, text] of Object.entries(renderFiles(results, environment))) writeFileSync(`${docs}${file}`, text);
}

/** Renders docs/benchmarks.md and its plots. Returns the texts by file. */
export function renderFiles(results, environment) {
  const measured = Object.keys(sections).filter((name) => name in results);
  const parts = measured.map((name) => renderSection(name, results[name]));
  const page = [renderIntro(environment), renderSummary(results), ...parts].join('\n\n');
  const plots = measured.flatMap((name) => Object.entries(sections[name].plots(results[name])));
  const images = plots.map(([file, plot]) => [`benchmarks/${file}`, renderBars(plot)]);
  return { 'benchmarks.md': `${page}\n`, ...Object.fromEntries(images) };
}

function renderSection(name, measured) {
  const { heading, intro, renderTables, plots } = sections[name];
  const images = Object.entries(plots(measured)).map(([file, { title }]) => `![${title}](benchmarks/${file})`);
  return [`## ${heading}`, intro, ...images, renderTables(measured)].join('\n\n');
}

function renderSummary(results) {
  return `## What is claimed

The README claims nothing that is not in this table. Each row is a median, and the table that it comes from has the
smallest and the largest value.

${renderClaims(results)}

${renderMissed(results)}`.trim();
}

function wrapText(text) {
  return text.replaceAll(/(.{1,118})(?: |$)/g, '$1\n').trimEnd();
}

function renderIntro({ date, machine, versions }) {
  return `# Benchmarks

\`npm run bench\` measures trpc-session and its peers side by side, and writes this page. A case that it has and this page
lacks has not been measured yet.
It installs the peers in \`bench/peers\`. \`npm run bench -- --short\` measures less, leaves Next out, and only prints.

- **How it is measured.** Each server is a process of its own. In each round, each of them gets a burst of requests, and
  the order changes from round to round. A ratio or a difference is computed within a round. The tables show the median
  of the rounds, with the smallest and the largest value in parentheses.
- **What is measured.** The CPU time is that of the server's process, from \`process.cpuUsage()\`. Redis' time is that of
  the commands, from its slow log. A session holds 571 bytes of JSON, and each app has 1,000 users.
- **How to read it.** Compare rows of one table. The absolute numbers depend on the machine, on which the client, the
  server and Redis share the cores.

${wrapText(`Measured on ${date}: ${machine}. ${versions}.`)}`;
}
