import { subjects } from '../subjects.mjs';
import { compareRounds, pickQuantile, summarize } from './statistics.mjs';

/** Summarizes the samples of each subject, and compares each with its base in the same rounds. */
export function summarizeSamples(samples) {
  return Object.fromEntries(
    Object.entries(samples).map(([name, own]) => [name, summarizeSubject(own, samples[subjects[name].base])]),
  );
}

function summarizeSubject(samples, base) {
  const latencies = samples.flatMap((sample) => sample.latencies);
  return {
    perSecond: summarize(samples.map(({ perSecond }) => perSecond)),
    cpu: summarize(samples.map(({ cpu }) => cpu)),
    redisMicros: summarize(samples.map(({ redisMicros }) => redisMicros)),
    commands: averageCommands(samples),
    ...(latencies.length > 0 && { p50: pickQuantile(latencies, 0.5), p99: pickQuantile(latencies, 0.99) }),
    ...(base && {
      speed: compareRounds(samples, base, (own, bare) => own.perSecond / bare.perSecond),
      cpuOverBase: compareRounds(samples, base, (own, bare) => own.cpu - bare.cpu),
    }),
  };
}

/** Returns how often each command runs per request. Commands of fewer than one request in a hundred are left out. */
function averageCommands(samples) {
  const names = new Set(samples.flatMap(({ commands }) => Object.keys(commands)));
  const averages = Array.from(names, (name) => [
    name,
    samples.reduce((sum, { commands }) => sum + (commands[name] ?? 0), 0) / samples.length,
  ]);
  return Object.fromEntries(averages.filter(([, average]) => average >= 0.01));
}
