import { collectSamples } from '../measure/collect-samples.mjs';
import { measureWork, runRounds, signIn } from '../measure/lab.mjs';

const users = 1000;
const names = ['thousand', 'million'];

export const million = {
  name: 'million',
  /** Compares guarded calls against a Redis with a million sessions and one with a thousand. */
  measure: async (lab) => {
    const { rounds, copies } = lab.isShort ? { rounds: 5, copies: 99 } : { rounds: 15, copies: 999 };
    for (const name of names) {
      const subject = await lab.open(name);
      await subject.app.keepCookies(await signIn(subject, users));
      if (name === 'million') await copySessions(await lab.servers.get(name), copies);
      await subject.app.callInProcess({ path: subject.path, inFlight: 32, ms: 1000 });
    }
    const samples = await runRounds(rounds, names, async (name) => {
      const subject = await lab.open(name);
      const burst = { path: subject.path, inFlight: 32, ms: 150 };
      return measureWork(subject, async () => ({ count: await subject.app.callInProcess(burst) }));
    });
    return { sessions: users * (copies + 1), '32 in flight': collectSamples(samples) };
  },
};

/** Copies each session of a Redis under other keys, so that the original ones lie between many others. */
async function copySessions({ nodes: [node] }, copies) {
  const keys = await node.keys('*');
  for (let copy = 0; copy < copies; copy++) {
    const pipeline = node.pipeline();
    for (const key of keys) pipeline.copy(key, `${key}:${copy}`);
    await pipeline.exec();
  }
}
