import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../_support/owned-process.ts';
import { createProgramEnv, runProgram } from '../_support/run-program.ts';
import { extractServersPage } from '../integration/servers-page.ts';
import { type AppFolder, createAppFolder, installPackages } from './app-folder.ts';
import type { ServedApp } from './serve-next-app.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A runtime other than Node, from the npm package of its name. */
export interface Runtime {
  readonly name: 'Bun' | 'Deno';
  readonly package: string;
  /** The arguments in front of a file of the page. */
  readonly args: readonly string[];
  /** The arguments in front of a program for Node. */
  readonly programArgs: readonly string[];
  /** A file that serves `handle` of fetch.ts, and prints its address. */
  readonly serve: string;
}

export const runtimes: readonly Runtime[] = [
  {
    name: 'Bun',
    package: 'bun@1.4.5',
    args: ['--bun', 'run'],
    programArgs: ['--bun'],
    serve: `import { handle } from './fetch';
      const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: handle });
      console.log('listening on ' + server.url.origin);`,
  },
  {
    name: 'Deno',
    package: 'deno@2.9.6',
    // The README's imports have no file extension, as bundlers and Bun allow.
    args: ['run', '--no-prompt', '--allow-net', '--allow-env', '--allow-read', '--unstable-sloppy-imports'],
    programArgs: ['run', '--allow-all'],
    serve: `import { handle } from './fetch';
      const onListen = ({ hostname, port }) => console.log('listening on http://' + hostname + ':' + port);
      Deno.serve({ hostname: '127.0.0.1', port: 0, onListen }, handle);`,
  },
];

/** What the servers of the page import. */
const packages = [
  '@hono/node-server',
  '@trpc/client',
  '@trpc/server',
  'express',
  'fastify',
  'hono',
  'ioredis',
  'koa',
  'ws',
  'zod',
];

/** Installs the runtime, the packed library and the code of docs/servers.md. */
export async function installRuntimeApp(runtime: Runtime, tarball: string): Promise<AppFolder> {
  const app = createAppFolder();
  const versions = { ...devDependencies, ...dependencies };
  app.write('package.json', { name: 'app', private: true, type: 'module' });
  await installPackages(app, tarball, runtime.package, ...packages.map((name) => `${name}@${versions[name]}`));
  for (const [name, code] of extractServersPage()) app.write(name, code);
  app.write('serve.ts', runtime.serve);
  for (const file of servers) app.write(`serve-${file}`, createListener(file));
  return app;
}

/** The tests of this repository that a runtime must pass: everything that a server without Next runs. */
const testFiles = [
  ...[
    'core',
    'stores',
    'transports',
    'verifiers',
    'create-sessions',
    'client',
    'trpc',
    'testing/memory-contract',
    'testing/redis-contract',
  ],
  ...['cluster', 'lost-replies', 'configurations-sentinel', 'plain-http'].map((name) => `integration/${name}`),
];

/** Runs tests of this repository in the runtime. Rejects with their output if one fails. */
export async function runTestsInRuntime(app: AppFolder, runtime: Runtime): Promise<void> {
  await installPackages(app, runtime.package);
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=dot'];
  const paths = testFiles.map((name) => `test/${name}`);
  await runProgram(findProgram(app, runtime), [...runtime.programArgs, ...vitest, ...paths], {
    cwd: root,
    env: createProgramEnv(),
    maxBuffer: 2 ** 26,
  });
}

function findProgram({ folder }: AppFolder, { name }: Runtime): string {
  return join(folder, 'node_modules/.bin', name.toLowerCase());
}

/** The files of the page that start a server of Node when they are imported. */
export const servers = ['express.ts', 'fastify.ts', 'hono.ts', 'koa.ts', 'node.ts'] as const;

function createListener(file: string): string {
  return `import { server } from './${file}';
    const print = () => console.log('listening on http://127.0.0.1:' + server.address().port);
    if (server.listening) print();
    else server.on('listening', print);`;
}

/** Runs a file of the app in the runtime, and waits until it prints its address. */
export async function serveInRuntime(
  app: AppFolder,
  runtime: Runtime,
  { file, env }: { readonly file: string; readonly env: Readonly<Record<string, string>> },
): Promise<ServedApp> {
  const running = await startProcess(findProgram(app, runtime), [...runtime.args, file], {
    cwd: app.folder,
    env: createProgramEnv({ PORT: '0', ...env }),
  });
  const stop = async () => {
    if (!running.hasEnded()) await running.kill('SIGKILL');
  };
  try {
    await running.waitForOutput('listening on ', 30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  const [, url = ''] = /listening on (\S+)/.exec(running.output()) ?? [];
  return { url, output: running.output, [Symbol.asyncDispose]: stop };
}
