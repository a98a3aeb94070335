import { execFile } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const nextBin = fileURLToPath(new URL('../../node_modules/next/dist/bin/next', import.meta.url));

/**
 * How long a build may take. It takes 20 to 30 s alone on two cores. The tests of two apps may build at the same time,
 * next to other work, so the limit only ends a build that hangs.
 */
const buildLimitMs = 240_000;

/** The limit of a Playwright fixture that builds an app: the build's own limit, which says more, comes first. */
export const buildFixtureMs = buildLimitMs + 60_000;

/** Builds a Next app for production. If the build fails, rejects with what it printed. */
export async function buildNextApp(folder: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const removeInstrumentation = stopInstrumentationLookup(folder);
  try {
    await promisify(execFile)(process.execPath, [nextBin, 'build'], {
      cwd: folder,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', ...env },
      timeout: buildLimitMs,
      killSignal: 'SIGKILL',
    });
  } catch (error) {
    const { killed, stdout } = error as { readonly killed?: boolean; readonly stdout?: string };
    const outcome = killed ? `did not end within ${buildLimitMs} ms` : 'failed';
    throw new Error(`The build of ${folder} ${outcome}:\n${stdout}`, { cause: error });
  } finally {
    removeInstrumentation();
  }
}

/**
 * Turbopack looks for `instrumentation.ts` in the folders above an app too. It would build the demo's file into the app,
 * with all that this file imports, and Next would run it when the app starts. An empty file in the app ends the lookup.
 */
function stopInstrumentationLookup(folder: string): () => void {
  const source = join(folder, 'src');
  const file = join(existsSync(source) ? source : folder, 'instrumentation.ts');
  writeFileSync(file, 'export function register(): void {}\n');
  return () => rmSync(file);
}
