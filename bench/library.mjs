import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiles the library into a temporary folder below `node_modules`, where it finds its dependencies. */
export function buildLibrary() {
  const cache = join(root, 'node_modules/.cache/trpc-session-bench');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'dist-'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', folder], {
    cwd: root,
    stdio: 'inherit',
  });
  return folder;
}

/** Imports a file of the library that `buildLibrary` compiled. */
export function loadCompiled(folder, file) {
  return import(pathToFileURL(join(folder, file)).href);
}

export function removeLibrary(folder) {
  rmSync(folder, { recursive: true, force: true });
}
