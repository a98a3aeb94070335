/** Returns the value below which a share of the values lies, from 0 to 1. */
export function pickQuantile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Returns the median, the minimum and the maximum. */
export function summarize(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** Summarizes what `compute` returns for the values of two subjects in each round. */
export function compareRounds(values, otherValues, compute) {
  return summarize(values.map((value, round) => compute(value, otherValues[round])));
}
