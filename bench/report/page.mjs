import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { claims } from './claims.mjs';
import { formatNumber, renderTable } from './format.mjs';
import { describeMissed } from './missed.mjs';
import { renderBars } from './plot.mjs';
import { sections } from './sections.mjs';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));

/** Renders the tables of a case for the terminal. */
export function renderCase(name, measured) {
  return `## ${sections[name].heading}\n\n${sections[name].renderTables(measured)}\n`;
}

/** Renders the claims that the results decide. */
export function renderClaims(results) {
  const rows = claims.flatMap((claim) => {
    const value = results[claim.from] && claim.measure(results[claim.from], results);
    if (value === undefined) return [];
    const isKept = claim.isMinimum ? value >= claim.limit : value <= claim.limit;
    const limit = `${claim.isMinimum ? '≥' : '≤'} ${formatNumber(claim.limit, Number.isInteger(claim.limit) ? 0 : claim.digits)}`;
    return [[claim.what, limit, formatNumber(value, claim.digits), isKept ? 'yes' : 'no', createLink(claim.from)]];
  });
  return renderTable(['', 'goal', 'measured', 'met', 'table'], rows);
}

function createLink(name) {
  const { heading } = sections[name];
  return `[${heading}](#${heading.toLowerCase().replaceAll(',', '').replaceAll(' ', '-')})`;
}

/** Writes docs/benchmarks.md, its plots, and the results that both are made from. */
export function writePage(results, environment) {
  mkdirSync(`${docs}benchmarks`, { recursive: true });
  writeFileSync(`${docs}benchmarks/results.json`, `${JSON.stringify({ environment, results })}\n`);
  const rendered = Object.keys(sections).flatMap((name) => (results[name] ? [renderSection(name, results[name])] : []));
  writeFileSync(
    `${docs}benchmarks.md`,
    `${[renderIntro(environment), renderSummary(results), ...rendered].join('\n\n')}\n`,
  );
}

function renderSection(name, measured) {
  const { heading, intro, renderTables, plots } = sections[name];
  const images = Object.entries(plots(measured)).map(([file, plot]) => {
    writeFileSync(`${docs}benchmarks/${file}`, renderBars(plot));
    return `![${plot.title}](benchmarks/${file})`;
  });
  return [`## ${heading}`, intro, ...images, renderTables(measured)].join('\n\n');
}

function renderSummary(results) {
  return `## What is claimed

The README claims nothing that is not in this table. Each row is a median, and the table that it comes from has the
smallest and the largest value.

${renderClaims(results)}

${describeMissed(results)}`.trim();
}

function renderIntro({ date, machine, versions }) {
  return `# Benchmarks

\`npm run bench\` measures trpc-session and its peers side by side, in one run of about ten minutes, and writes this page.
It installs the peers in \`bench/peers\`. \`npm run bench -- --short\` takes less than three minutes and only prints.

- **How it is measured.** Each server is a process of its own. In each round, each of them gets a burst of requests, and
  the order changes from round to round. A ratio or a difference is computed within a round. The tables show the median
  of the rounds, with the smallest and the largest value in parentheses.
- **What is measured.** The CPU time is that of the server's process, from \`process.cpuUsage()\`. Redis' time is that of
  the commands, from its slow log. A session holds 571 bytes of JSON, and each app has 1,000 users.
- **How to read it.** Compare rows of one table. The absolute numbers depend on the machine, on which the client, the
  server and Redis share the cores.

Measured on ${date}: ${machine}. ${versions}.`;
}
