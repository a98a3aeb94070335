/**
 * Measures the library and its peers side by side: `npm run bench`. Options: `--short` for a run of less than three
 * minutes that only prints, `--only <case,case>`, and `--profiles <folder>` for CPU profiles of the apps.
 */
import { parseArgs } from 'node:util';
import { inProcess } from './cases/in-process.mjs';
import { reads } from './cases/reads.mjs';
import { writes } from './cases/writes.mjs';
import { installPeers } from './install-peers.mjs';
import { buildLibrary, removeLibrary } from './library.mjs';
import { createLab } from './measure/lab.mjs';
import { createServers } from './measure/servers.mjs';
import { renderCase } from './report/tables.mjs';

const cases = [inProcess, reads, writes];
const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, only: { type: 'string' }, profiles: { type: 'string' } },
});

installPeers();
const library = buildLibrary();
const servers = await createServers();
const lab = createLab({ library, isShort: values.short, profiles: values.profiles }, servers);
try {
  for (const { name, measure } of cases) {
    if (values.only && !values.only.split(',').includes(name)) continue;
    const start = performance.now();
    const measured = await measure(lab);
    await lab.closeSubjects();
    console.log(renderCase(name, measured));
    console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
  }
} finally {
  await lab.closeSubjects();
  await servers.stop();
  removeLibrary(library);
}
