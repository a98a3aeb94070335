import { collectSamples } from '../measure/collect-samples.mjs';
import { runRounds } from '../measure/lab.mjs';
import { measureReads, warmUp } from './reads.mjs';

const names = ['express', 'express-ours', 'express-session', 'express-ours-near'];

export const network = {
  name: 'network',
  /** Sends guarded requests to apps whose Redis is 1 ms or 10 ms away in each direction. */
  measure: async (lab) => {
    const { rounds, ms } = lab.isShort ? { rounds: 3, ms: 200 } : { rounds: 5, ms: 300 };
    const measured = {};
    for (const delay of [1, 10]) {
      const chosen = names.map((name) => `${name}@${delay}`);
      for (const name of chosen) await warmUp(lab, { name, users: 200, ms: 500 });
      for (const inFlight of lab.isShort ? [32] : [1, 32, 128]) {
        const samples = await runRounds(rounds, chosen, (name) => measureReads(lab, { name, inFlight, ms }));
        measured[`${delay} ms, ${inFlight} in flight`] = collectSamples(samples);
      }
      await lab.closeSubjects();
    }
    return measured;
  },
};
