/**
 * Runs one app in a process of its own: `node host.mjs <file> <options as JSON>`. It serves the app on a free port and
 * obeys the messages of the benchmark.
 */
import { once } from 'node:events';
import { createFetchServer } from './fetch-server.mjs';

const [name, options] = process.argv.slice(2);
const { createApp } = await import(`../${name}.mjs`);
const app = await createApp(JSON.parse(options));
const server = app.server ?? createFetchServer(app.fetch);
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');

let cookies = [];
const commands = {
  cpu: () => process.cpuUsage(),
  keepCookies: (kept) => {
    cookies = kept;
  },
  call: (burst) => callInProcess(app.call ?? app.fetch, burst),
};
process.on('message', async ({ id, command, input }) => {
  try {
    process.send({ id, result: await commands[command](input) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.on('disconnect', () => process.exit());
process.send({ port: server.address().port });

/**
 * Calls the app without a socket, with a number of calls in flight: for a time, or once for each cookie of a range.
 * Resolves to how many calls ended.
 */
async function callInProcess(
  call,
  { path, inFlight, ms = Number.POSITIVE_INFINITY, from = 0, to = cookies.length, turns },
) {
  const end = performance.now() + ms;
  const most = turns ? turns * (to - from) : Number.POSITIVE_INFINITY;
  let count = 0;
  const work = async () => {
    while (count < most && performance.now() < end) {
      const cookie = cookies[from + (count++ % (to - from))];
      const result = await call(new Request(`http://localhost${path}`, { headers: { cookie } }));
      if (!(result instanceof Response)) continue;
      const text = await result.text();
      if (!result.ok) throw new Error(`${path}: ${result.status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return count;
}
