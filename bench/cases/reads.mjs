import { collectSamples } from '../measure/collect-samples.mjs';
import { createRequest } from '../measure/http-connection.mjs';
import { measureWork, runRounds, signIn } from '../measure/lab.mjs';

const names = [
  'node',
  'node-hmget',
  'node-ours',
  'node-ours-memory',
  'node-ours-near',
  'node-iron-session',
  'better-auth',
  'express',
  'express-ours',
  'express-ours-near',
  'express-session',
  'fastify',
  'fastify-ours',
  'fastify-session',
  'trpc-fetch',
  'trpc-fetch-guard',
  'trpc-fetch-public',
  'trpc-fetch-ours',
  'trpc-fetch-ours-memory',
  'trpc-fetch-ours-near',
  'trpc-fetch-ours-cluster',
  'trpc-fetch-tuned',
  'trpc-fetch-naive',
  'trpc-standalone',
  'trpc-standalone-ours',
];

export const reads = {
  name: 'reads',
  /** Sends guarded requests over sockets. */
  measure: async (lab) => {
    const { ms, users } = lab.isShort ? { ms: 150, users: 300 } : { ms: 200, users: 1000 };
    for (const name of names) await warmUp(lab, { name, users, ms: lab.isShort ? 500 : 1000 });
    const measured = {};
    for (const inFlight of lab.isShort ? [32] : [1, 32, 128]) {
      const rounds = lab.isShort ? 3 : inFlight === 32 ? 7 : 5;
      const samples = await runRounds(rounds, names, (name) => measureReads(lab, { name, inFlight, ms }));
      measured[`${inFlight} in flight`] = collectSamples(samples);
    }
    return measured;
  },
};

/** Signs users in, and sends requests until the app is compiled. */
export async function warmUp(lab, { name, users, ms }) {
  const subject = await lab.open(name);
  const cookies = await signIn(subject, users);
  subject.requests = cookies.map((cookie) => createRequest('GET', subject.path, cookie));
  await subject.load.run({ inFlight: 32, ms, next: (index) => subject.requests[index % users] });
}

export async function measureReads(lab, { name, inFlight, ms }) {
  const subject = await lab.open(name);
  const { requests, load } = subject;
  return measureWork(subject, () => load.run({ inFlight, ms, next: (index) => requests[index % requests.length] }));
}
