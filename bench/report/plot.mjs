const width = 760;
const labelWidth = 300;
const barHeight = 18;
const rowHeight = 26;
const headHeight = 58;
const valueWidth = 90;

/** Colors that are legible on a light and on a dark page. */
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .note, .group { fill: #59636e }
  .group { font-weight: 600 }
  .bar { fill: #afb8c1 }
  .ours { fill: #0969da }
  .range { stroke: #59636e; stroke-width: 1.5 }
  .line { stroke: #cf222e; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note, .group { fill: #9198a1 }
    .bar { fill: #59636e }
    .ours { fill: #4493f8 }
    .range { stroke: #c8d1da }
    .line { stroke: #ff7b72 }
  }`;

/**
 * Renders horizontal bars as an SVG. Each shows a median, and a line from the minimum to the maximum.
 *
 * @param {object} plot
 * @param {string} plot.title
 * @param {string} plot.note What the numbers are, and which direction is better.
 * @param {number} plot.digits The decimals of the numbers.
 * @param {number} [plot.mark] A value with a vertical line.
 * @param {{ label: string, group?: string, isOurs: boolean, summary: { median: number, min: number, max: number } }[]} plot.bars
 */
export function renderBars({ title, note, digits, mark, bars }) {
  const rows = bars.flatMap((bar, at) => {
    const isNewGroup = bar.group !== undefined && bar.group !== bars[at - 1]?.group;
    return isNewGroup ? [{ heading: bar.group }, bar] : [bar];
  });
  const height = headHeight + rows.length * rowHeight + 12;
  const scale =
    (width - labelWidth - valueWidth) / Math.max(...bars.map(({ summary }) => summary.median * 1.15), mark ?? 0);
  const drawn = rows.map((row, at) => drawRow(row, { y: headHeight + at * rowHeight, scale, digits }));
  const x = labelWidth + (mark ?? 0) * scale;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}">`,
    `<style>${style}\n</style>`,
    `<text class="title" x="0" y="18">${escapeText(title)}</text>`,
    `<text class="note" x="0" y="40">${escapeText(note)}</text>`,
    ...drawn,
    ...(mark === undefined
      ? []
      : [`<line class="line" x1="${x}" x2="${x}" y1="${headHeight - 8}" y2="${height - 8}"/>`]),
    '</svg>\n',
  ].join('\n');
}

function drawRow({ heading, label, isOurs, summary }, { y, scale, digits }) {
  if (heading) return `<text class="group" x="0" y="${y + 14}">${escapeText(heading)}</text>`;
  const toX = (value) => (labelWidth + Math.min(Math.max(value, 0) * scale, width - labelWidth - 50)).toFixed(1);
  const middle = y + barHeight / 2;
  const end = toX(summary.median);
  const value = summary.median.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return [
    `<text x="${labelWidth - 8}" y="${y + 14}" text-anchor="end">${escapeText(label)}</text>`,
    `<rect class="${isOurs ? 'ours' : 'bar'}" x="${labelWidth}" y="${y}" width="${Math.max(end - labelWidth, 1).toFixed(1)}" height="${barHeight}" rx="3"/>`,
    `<line class="range" x1="${toX(summary.min)}" x2="${toX(summary.max)}" y1="${middle}" y2="${middle}"/>`,
    `<text x="${width}" y="${y + 14}" text-anchor="end">${value}</text>`,
  ].join('');
}

function escapeText(text) {
  return text.replaceAll('**', '').replaceAll('`', '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
