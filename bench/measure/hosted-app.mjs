import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const host = fileURLToPath(new URL('../apps/host.mjs', import.meta.url));

/**
 * Starts an app in a process of its own.
 *
 * @param {string} name Its file, such as `apps/node`.
 * @param {object} options What its `createApp` receives.
 * @param {{ library: string, profiles?: string }} settings Where the compiled library is, and where CPU profiles go.
 */
export async function startApp(name, options, { library, profiles }) {
  const child = fork(host, [name, JSON.stringify(options)], {
    env: { ...process.env, BENCH_LIBRARY: library, NODE_ENV: 'production' },
    execArgv: profiles
      ? [
          '--cpu-prof',
          `--cpu-prof-dir=${profiles}`,
          `--cpu-prof-name=${name.replace('/', '-')}-${process.hrtime.bigint()}.cpuprofile`,
        ]
      : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${name} ended with exit code ${code}`);
  });
  ended.catch(() => {});
  const [{ port }] = await Promise.race([once(child, 'message'), ended]);
  const send = createSender(child, ended);
  return {
    port,
    /** Resolves to the CPU time that the process has used, in µs. */
    readCpu: async () => {
      const { user, system } = await send('cpu');
      return user + system;
    },
    /** Keeps the cookies that `callInProcess` sends. */
    keepCookies: (cookies) => send('keepCookies', cookies),
    callInProcess: (burst) => send('call', burst),
    stop: async () => {
      child.disconnect();
      await ended.catch(() => {});
    },
  };
}

function createSender(child, ended) {
  const waiting = new Map();
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(result);
  });
  let lastId = 0;
  return (command, input) => {
    const reply = new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject });
      child.send({ id: lastId, command, input });
    });
    return Promise.race([reply, ended]);
  };
}
