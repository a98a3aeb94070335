import { collectSamples } from '../measure/collect-samples.mjs';
import { measureWork, runRounds, signIn } from '../measure/lab.mjs';

const names = [
  'trpc-fetch',
  'trpc-fetch-guard',
  'trpc-fetch-public',
  'trpc-fetch-ours',
  'trpc-fetch-ours-memory',
  'trpc-fetch-ours-near',
  'trpc-fetch-tuned',
  'trpc-fetch-naive',
  'require',
  'require-memory',
  'require-near',
  'seal',
];

export const inProcess = {
  name: 'in-process',
  /** Calls tRPC's fetch handler in the process of the app, without a socket. */
  measure: async (lab) => {
    const ms = lab.isShort ? 100 : 150;
    for (const name of names) {
      const subject = await lab.open(name);
      await subject.app.keepCookies(name === 'seal' ? [''] : await signIn(subject, 1000));
      await subject.app.callInProcess({ path: subject.path, inFlight: 32, ms: 1000 });
    }
    const measured = {};
    for (const inFlight of lab.isShort ? [32] : [1, 32, 128]) {
      const rounds = lab.isShort ? 5 : inFlight === 32 ? 11 : 7;
      const samples = await runRounds(rounds, names, async (name) => {
        const subject = await lab.open(name);
        const burst = { path: subject.path, inFlight, ms };
        return measureWork(subject, async () => ({ count: await subject.app.callInProcess(burst) }));
      });
      measured[`${inFlight} in flight`] = collectSamples(samples);
    }
    return measured;
  },
};
