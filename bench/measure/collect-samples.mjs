import { pickQuantile } from './statistics.mjs';

/** Collects what the results keep of the samples of each subject: one number per round, and the averages. */
export function collectSamples(samples) {
  return Object.fromEntries(Object.entries(samples).map(([name, own]) => [name, collectSubject(own)]));
}

function collectSubject(samples) {
  const latencies = samples.flatMap((sample) => sample.latencies);
  return {
    perSecond: samples.map(({ perSecond }) => roundNumber(perSecond)),
    cpu: samples.map(({ cpu }) => roundNumber(cpu)),
    redisMicros: samples.map(({ redisMicros }) => roundNumber(redisMicros)),
    commands: averageCommands(samples),
    ...(latencies.length > 0 && {
      p50: roundNumber(pickQuantile(latencies, 0.5)),
      p99: roundNumber(pickQuantile(latencies, 0.99)),
    }),
  };
}

/** Keeps four digits: more would be noise. */
export function roundNumber(value) {
  return Number(value.toPrecision(4));
}

/** Returns how often each command runs per request. Commands of fewer than one request in a hundred are left out. */
function averageCommands(samples) {
  const names = new Set(samples.flatMap(({ commands }) => Object.keys(commands)));
  const averages = Array.from(names, (name) => [
    name,
    samples.reduce((sum, { commands }) => sum + (commands[name] ?? 0), 0) / samples.length,
  ]);
  return Object.fromEntries(
    averages.filter(([, average]) => average >= 0.01).map(([name, count]) => [name, roundNumber(count)]),
  );
}
