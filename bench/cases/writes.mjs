import { collectSamples } from '../measure/collect-samples.mjs';
import { createRequest, readCookies } from '../measure/http-connection.mjs';
import { measureWork, runRounds } from '../measure/lab.mjs';

const names = [
  'express',
  'express-ours',
  'express-session',
  'fastify',
  'fastify-ours',
  'fastify-session',
  'node',
  'node-ours',
  'node-iron-session',
  'trpc-fetch',
  'trpc-fetch-ours',
  'trpc-fetch-ours-cluster',
];
const operations = ['sign-in', 'update', 'regenerate', 'sign-out'];
const inFlight = 32;

export const writes = {
  name: 'writes',
  /** In each round users sign in, change their session, get a new token and sign out. */
  measure: async (lab) => {
    const { rounds, users } = lab.isShort ? { rounds: 3, users: 200 } : { rounds: 9, users: 400 };
    for (const name of names) for (let turn = 0; turn < 4; turn++) await measureLife(await lab.open(name), users);
    const lives = await runRounds(rounds, names, async (name) => measureLife(await lab.open(name), users));
    const takeOperation = (operation) =>
      Object.fromEntries(
        Object.entries(lives).map(([name, samples]) => [name, samples.map((life) => life[operation])]),
      );
    return Object.fromEntries(operations.map((operation) => [operation, collectSamples(takeOperation(operation))]));
  },
};

/** Measures each operation once for each of a number of new users. */
async function measureLife(subject, users) {
  const cookies = Array.from({ length: users }, () => undefined);
  const life = {};
  for (const operation of operations) {
    const requests = cookies.map((cookie) => createRequest('POST', `/${operation}`, cookie));
    life[operation] = await measureWork(subject, () =>
      subject.load.run({
        inFlight,
        next: (index) => requests[index] ?? null,
        onResponse: (index, response) => {
          cookies[index] = readCookies(response) || cookies[index];
        },
      }),
    );
  }
  return life;
}
