/**
 * Points `exports` at the built files while npm packs. In the repository they point at `src/*.ts`.
 *
 * npm packs the package.json on disk, so `prepack` builds `dist` and rewrites the file, and `postpack` restores it. The
 * original is kept in a file of its own. If a pack is interrupted, the next one restores it first.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const toPath = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const manifest = toPath('package.json');
const original = toPath('.package.json.original');

const commands = { prepare, restore };
const command = commands[process.argv[2]];
if (!command) throw new Error('Usage: node scripts/packed-manifest.mjs prepare | restore');
command();

function prepare() {
  restore();
  rmSync(toPath('dist'), { recursive: true, force: true });
  execFileSync('npm', ['run', '--silent', 'build:package'], { cwd: toPath(''), stdio: ['ignore', 2, 'inherit'] });
  const text = readFileSync(manifest, 'utf8');
  const packed = pointExportsAtBuild(JSON.parse(text));
  writeFileSync(original, text);
  writeFileSync(manifest, `${JSON.stringify(packed, null, 2)}\n`);
}

function restore() {
  if (existsSync(original)) renameSync(original, manifest);
}

function pointExportsAtBuild(source) {
  const entryPoints = Object.entries(source.exports).map(([name, path]) => [name, findBuiltFiles(path)]);
  return { ...source, exports: Object.fromEntries(entryPoints) };
}

function findBuiltFiles(path) {
  const built = path.replace(/^\.\/src\//, './dist/').replace(/\.tsx?$/, '');
  const files = { types: `${built}.d.ts`, default: `${built}.js` };
  for (const file of Object.values(files)) {
    if (!existsSync(toPath(file))) throw new Error(`${path} was not built: ${file} is missing.`);
  }
  return files;
}
