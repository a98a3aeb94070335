/**
 * Measures the library and its peers side by side, and writes docs/benchmarks.md: `npm run bench`. With `--short`, it measures
 * less, leaves Next out, and only prints. `--only <case,case>` measures these cases again and keeps the
 * results of the others. `--profiles <folder>` writes CPU profiles of the apps.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inProcess } from './cases/in-process.mjs';
import { manySessions } from './cases/many-sessions.mjs';
import { million } from './cases/million.mjs';
import { network } from './cases/network.mjs';
import { nextServer } from './cases/next-server.mjs';
import { oneUser } from './cases/one-user.mjs';
import { reads } from './cases/reads.mjs';
import { writes } from './cases/writes.mjs';
import { buildLibrary, removeLibrary } from './library.mjs';
import { createLab } from './measure/lab.mjs';
import { createServers } from './measure/servers.mjs';
import { installPeers } from './peers/install.mjs';
import { describeEnvironment } from './report/environment.mjs';
import { readResults, renderCase, renderClaims, writePage } from './report/page.mjs';

const cases = [inProcess, reads, writes, nextServer, network, oneUser, manySessions, million];
const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, only: { type: 'string' }, profiles: { type: 'string' } },
});
const chosen = values.only?.split(',');

installPeers();
const library = buildLibrary();
const servers = await createServers();
const profiles = values.profiles && resolve(values.profiles);
const lab = createLab({ library, isShort: values.short, profiles }, servers);
try {
  const results = chosen && !values.short ? readResults() : {};
  for (const { name, measure } of cases.filter(isChosen)) await runCase(name, measure, results);
  console.log(renderClaims(results));
  const { nodes } = await servers.get('one');
  if (!values.short) writePage(results, await describeEnvironment(nodes));
} finally {
  await lab.closeSubjects();
  await servers.stop();
  removeLibrary(library);
}

/** Measures a case. If it fails, the others are still measured. */
async function runCase(name, measure, results) {
  const start = performance.now();
  try {
    results[name] = await measure(lab);
    console.log(renderCase(name, results[name]));
    console.log(`Measured in ${((performance.now() - start) / 1000).toFixed(0)} s.\n`);
  } catch (error) {
    console.error(name, error);
    process.exitCode = 1;
  } finally {
    await lab.closeSubjects();
  }
}

function isChosen({ name, isLong = false }) {
  return chosen ? chosen.includes(name) : !(values.short && isLong);
}
