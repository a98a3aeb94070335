import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from './free-port.ts';
import { type OwnedProcess, startProcess } from './owned-process.ts';

/** The demo, served by Next on a port of its own. */
export interface DemoServer extends AsyncDisposable {
  /** On `localhost`, as Next itself calls it in the redirects that it writes. */
  readonly url: string;
  readonly port: number;
  /** What it has printed since it was last started. */
  output(): string;
  /** Stops it and starts it again on the same port, with other variables where some are given. */
  restart(env?: DemoEnv): Promise<void>;
  stop(): Promise<void>;
}

/** The demo's variables: REDIS_URL, SESSION_SECRET, SESSION_STORE. Nothing of them is taken from the test's own. */
export type DemoEnv = Readonly<Record<string, string>>;

export interface DemoOptions {
  /** Of the app to serve. Default: the repository's own, the demo. */
  readonly folder?: string;
  /** Asked until it answers. Default: the demo's cheapest call. */
  readonly readyPath?: string;
  readonly env?: DemoEnv;
  readonly port?: number;
}

type Command = 'start' | 'dev';

const root = fileURLToPath(new URL('../../', import.meta.url));
const nextBin = fileURLToPath(new URL('../../node_modules/next/dist/bin/next', import.meta.url));
const readyWithinMs: Record<Command, number> = { start: 20_000, dev: 120_000 };
const pollEveryMs = 50;

/** Serves the production build, which has to be there. */
export async function startDemo(options: DemoOptions = {}): Promise<DemoServer> {
  const { folder = root } = options;
  if (!existsSync(join(folder, '.next/BUILD_ID'))) {
    throw new Error('There is no production build: run `npm run build` first.');
  }
  return serve('start', options);
}

/** Serves the sources, as `npm run dev` does. Next allows one of these per checkout at a time. */
export function startDev(options: DemoOptions = {}): Promise<DemoServer> {
  return serve('dev', options);
}

/** Starts Next and waits for its end: for the starts that the demo refuses. */
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
  const begin = async () => {
    const started = await launch(command, port, { env, folder });
    await ready(started, url + readyPath, readyWithinMs[command]);
    return started;
  };
  let running = await begin();
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
      running = await begin();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function launch(command: Command, port: number, { env = {}, folder = root }: DemoOptions): Promise<OwnedProcess> {
  const args = [nextBin, command, '--hostname', '127.0.0.1', '--port', String(port)];
  return startProcess(process.execPath, args, { cwd: folder, env: { ...inherited(), ...env } });
}

/** What a program needs to run at all. NODE_ENV stays behind: Next sets its own, and a test runner's would win. */
function inherited(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  const present = Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(present), NEXT_TELEMETRY_DISABLED: '1' } as unknown as NodeJS.ProcessEnv;
}

/** Waits until the app answers, in whatever way. */
async function ready(running: OwnedProcess, url: string, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline && !running.hasEnded()) {
    if (await answers(url)) return;
    await sleep(pollEveryMs);
  }
  const how = running.hasEnded() ? 'ended before it answered' : `did not answer within ${withinMs} ms`;
  if (!running.hasEnded()) await running.kill('SIGKILL');
  throw new Error(`The demo ${how}:\n${running.output()}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
