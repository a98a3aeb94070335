/** Serves the production build on PORT (3000 by default). Builds it first if there is none. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const nextBin = fileURLToPath(new URL('../node_modules/next/dist/bin/next', import.meta.url));

if (!existsSync(new URL('../.next/BUILD_ID', import.meta.url))) await runNext('build');
await runNext('start');

/** Runs a Next command to its end and forwards signals to it. If it fails, exits with its code. */
async function runNext(command) {
  const child = spawn(process.execPath, [nextBin, command], { cwd: root, stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve(exitCode ?? 128 + constants.signals[signal]));
  });
  for (const signal of signals) process.off(signal, forward);
  if (code !== 0) process.exit(code);
}
