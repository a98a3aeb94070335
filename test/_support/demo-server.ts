import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from './free-port.ts';
import { type OwnedProcess, startProcess } from './owned-process.ts';

/** A running Next app, by default the demo, on its own port. */
export interface DemoServer extends AsyncDisposable {
  /** The origin. It uses `localhost`, because Next uses that name in its redirects. */
  readonly url: string;
  readonly port: number;
  /** What it has printed since its last start. */
  output(): string;
  /** Stops it and starts it again on the same port. If `env` is given, it replaces the environment variables. */
  restart(env?: DemoEnv): Promise<void>;
  stop(): Promise<void>;
}

/** The environment variables of the demo, such as REDIS_URL. Those of the test process are not passed on. */
type DemoEnv = Readonly<Record<string, string>>;

export interface DemoOptions {
  /**
   * The folder of the app to serve.
   *
   * @default the repository, which is the demo
   */
  readonly folder?: string;
  /**
   * Requested until it responds, to find out when the app is ready.
   *
   * @default a public procedure of the demo
   */
  readonly readyPath?: string;
  readonly env?: DemoEnv;
  readonly port?: number;
}

type Command = 'start' | 'dev';

const root = fileURLToPath(new URL('../../', import.meta.url));
const nextBin = fileURLToPath(new URL('../../node_modules/next/dist/bin/next', import.meta.url));
const readyWithinMs: Record<Command, number> = { start: 20_000, dev: 120_000 };
const pollEveryMs = 50;

/** Serves the production build. Throws if there is none. */
export async function startDemo(options: DemoOptions = {}): Promise<DemoServer> {
  const { folder = root } = options;
  if (!existsSync(join(folder, '.next/BUILD_ID'))) {
    throw new Error('There is no production build. Run `npm run build` first.');
  }
  return serve('start', options);
}

/** Serves the sources, as `npm run dev` does. Next allows only one of these per checkout at a time. */
export function startDev(options: DemoOptions = {}): Promise<DemoServer> {
  return serve('dev', options);
}

/** Starts a demo that is expected to exit at once. Returns what it printed. */
export async function startRefused({ env = {}, port }: DemoOptions = {}): Promise<string> {
  const running = await launch('start', port ?? (await findFreePort()), { env });
  const deadline = Date.now() + readyWithinMs.start;
  while (!running.hasEnded() && Date.now() < deadline) await sleep(pollEveryMs);
  if (running.hasEnded()) return running.output();
  await running.kill('SIGKILL');
  throw new Error(`The demo was expected to refuse to start:\n${running.output()}`);
}

async function serve(command: Command, options: DemoOptions): Promise<DemoServer> {
  const port = options.port ?? (await findFreePort());
  const { folder = root, readyPath = '/api/trpc/public.hello' } = options;
  const url = `http://localhost:${port}`;
  let env = options.env ?? {};
  const start = async () => {
    const started = await launch(command, port, { env, folder });
    await waitUntilReady(started, url + readyPath, readyWithinMs[command]);
    return started;
  };
  let running = await start();
  const stop = async () => {
    if (!running.hasEnded()) await running.kill('SIGKILL');
  };
  return {
    url,
    port,
    output: () => running.output(),
    async restart(changed) {
      await stop();
      env = changed ?? env;
      running = await start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function launch(command: Command, port: number, { env = {}, folder = root }: DemoOptions): Promise<OwnedProcess> {
  const args = [nextBin, command, '--hostname', '127.0.0.1', '--port', String(port)];
  return startProcess(process.execPath, args, { cwd: folder, env: { ...getBaseEnv(), ...env } });
}

/** The variables that a program needs to run. Not NODE_ENV: the test runner's would override the one that Next sets. */
function getBaseEnv(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  const present = Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(present), NEXT_TELEMETRY_DISABLED: '1' } as unknown as NodeJS.ProcessEnv;
}

/** Waits until the app responds, with any status. */
async function waitUntilReady(running: OwnedProcess, url: string, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline && !running.hasEnded()) {
    if (await canReach(url)) return;
    await sleep(pollEveryMs);
  }
  const failure = running.hasEnded() ? 'ended before it responded' : `did not respond within ${withinMs} ms`;
  if (!running.hasEnded()) await running.kill('SIGKILL');
  throw new Error(`The demo ${failure}:\n${running.output()}`);
}

async function canReach(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
