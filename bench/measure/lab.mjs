import { findSubject } from '../subjects.mjs';
import { startApp } from './hosted-app.mjs';
import { createRequest, readCookies } from './http-connection.mjs';
import { openLoad } from './load.mjs';
import { createRedisUsage } from './redis-usage.mjs';

/**
 * Creates what the cases measure with: the Redis servers, and the apps, each started when a case opens it.
 *
 * @param {object} settings
 * @param {string} settings.library Where the compiled library is.
 * @param {boolean} settings.isShort Whether this is the short form.
 * @param {string} [settings.profiles] A folder for CPU profiles of the apps.
 * @param {object} servers What `createServers` returns.
 */
export function createLab(settings, servers) {
  const opened = new Map();
  return {
    ...settings,
    servers,
    /** Starts the app of a subject, or resolves to the one that runs. */
    open: async (name) => {
      if (!opened.has(name)) opened.set(name, await openSubject(name, { settings, servers }));
      return opened.get(name);
    },
    closeSubjects: async () => {
      for (const subject of opened.values()) {
        subject.load.close();
        await subject.app.stop();
      }
      opened.clear();
    },
  };
}

async function openSubject(name, { settings, servers }) {
  const { app: file, options, redis = 'one', prefix = '', path = `${prefix}/me` } = findSubject(name);
  const { url: redisUrl, nodes } = await servers.get(redis);
  const app = await startApp(file, { redisUrl, ...options }, settings);
  const load = await openLoad(app.port, 128);
  const usage = createRedisUsage(nodes);
  return { name, prefix, path, app, load, usage };
}

/** Signs users in, and resolves to their cookies. */
export async function signIn({ load, prefix }, count) {
  const request = createRequest('POST', `${prefix}/sign-in`);
  const cookies = [];
  await load.run({
    inFlight: Math.min(32, count),
    next: (index) => (index < count ? request : null),
    onResponse: (_index, response) => cookies.push(readCookies(response)),
  });
  return cookies;
}

/** Runs a measurement of each subject in each round. The order changes, so that none is always first. */
export async function runRounds(rounds, names, measure) {
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let at = 0; at < names.length; at++) {
      const name = names[(at + round) % names.length];
      samples[name][round] = await measure(name);
    }
  }
  return samples;
}

/** Measures what a subject's process and Redis do while `work` runs. `work` resolves to the number of its requests. */
export async function measureWork({ app, usage }, work) {
  await usage.start();
  const cpuBefore = await app.readCpu();
  const start = performance.now();
  const { count, latencies = [] } = await work();
  const wallMs = performance.now() - start;
  const cpu = (await app.readCpu()) - cpuBefore;
  const durations = Object.entries(await usage.read());
  const perRequest = (amount) => amount / count;
  return {
    perSecond: (count * 1000) / wallMs,
    latencies,
    cpu: perRequest(cpu),
    redisMicros: perRequest(durations.flatMap(([, micros]) => micros).reduce((sum, micros) => sum + micros, 0)),
    commands: Object.fromEntries(durations.map(([name, micros]) => [name, perRequest(micros.length)])),
  };
}
