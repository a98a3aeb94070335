import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { collectSamples } from '../measure/collect-samples.mjs';
import { runRounds } from '../measure/lab.mjs';
import { measureReads, warmUp } from './reads.mjs';

const names = ['next-trpc', 'next-trpc-ours', 'next-trpc-iron', 'next-page', 'next-page-ours', 'next-page-iron'];
const inFlight = 16;

export const nextServer = {
  name: 'next-server',
  isLong: true,
  /** Sends guarded tRPC calls and requests for pages to Next's production server. */
  measure: async (lab) => {
    const { rounds, ms } = lab.isShort ? { rounds: 3, ms: 300 } : { rounds: 11, ms: 400 };
    const helper = fileURLToPath(new URL('../../test/_support/build-next-app.ts', import.meta.url));
    const { buildNextApp } = (await runnerImport(helper)).module;
    await buildNextApp(fileURLToPath(new URL('../next-app', import.meta.url)));
    for (const name of names) await warmUp(lab, { name, users: 200, ms: 3000 });
    const samples = await runRounds(rounds, names, (name) => measureReads(lab, { name, inFlight, ms }));
    return { [`${inFlight} in flight`]: collectSamples(samples) };
  },
};
