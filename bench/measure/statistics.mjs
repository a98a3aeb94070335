/** Returns the value below which a share of the values lies, from 0 to 1. */
export function pickQuantile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Returns the median, the minimum and the maximum. */
export function summarize(values) {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return null;
  return { median: computeMedian(known), min: Math.min(...known), max: Math.max(...known) };
}

function computeMedian(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Summarizes what `compute` returns for each round of two subjects that were measured in the same rounds. */
export function compareRounds(samples, baseSamples, compute) {
  return summarize(samples.map((sample, round) => compute(sample, baseSamples[round])));
}
