import { roundNumber } from '../measure/collect-samples.mjs';
import { measureWork, signIn } from '../measure/lab.mjs';

const few = 1000;

export const manySessions = {
  name: 'many-sessions',
  /**
   * Reads many sessions in turn and a few, in one process. A first pass opens seals that the process has not seen. A second
   * pass reads each session again after all others.
   */
  measure: async (lab) => {
    const { many, rounds } = lab.isShort ? { many: 10_000, rounds: 5 } : { many: 50_000, rounds: 10 };
    const { nodes } = await lab.servers.get('many');
    const before = await readUsedMemory(nodes[0]);
    const issuer = await lab.open('many-sign-in');
    const cookies = await signIn(issuer, many);
    const bytesPerSession = ((await readUsedMemory(nodes[0])) - before) / many;
    const subject = await lab.open('many-read');
    const warm = await signIn(subject, few);
    await subject.app.keepCookies([...warm, ...cookies]);
    await readRange(subject, { from: 0, to: few, turns: 20 });
    const slice = many / rounds;
    const passes = [];
    for (let pass = 0; pass < 2; pass++) {
      const samples = { few: [], many: [] };
      for (let round = 0; round < rounds; round++) {
        const from = few + round * slice;
        samples.many.push(await readRange(subject, { from, to: from + slice, turns: 1 }));
        samples.few.push(await readRange(subject, { from: 0, to: few, turns: slice / few }));
      }
      passes.push(samples);
    }
    return { many, few, bytesPerSession: roundNumber(bytesPerSession), first: passes[0], second: passes[1] };
  },
};

/** Reads the sessions of a range, and resolves to the CPU time of a call in µs. */
async function readRange(subject, range) {
  const burst = { path: subject.path, inFlight: 32, ...range };
  const { cpu } = await measureWork(subject, async () => ({ count: await subject.app.callInProcess(burst) }));
  return roundNumber(cpu);
}

async function readUsedMemory(node) {
  return Number(/^used_memory:(\d+)/m.exec(await node.info('memory'))?.[1]);
}
