/**
 * In the repository `exports` point at `src/*.ts`; in the tarball they point at `dist`. npm takes the manifest as it
 * lies on the disk, so `prepack` builds `dist` and rewrites the manifest, and `postpack` puts the original back. The
 * original is kept in a file meanwhile: a pack that was interrupted is undone by the next one.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const inRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const manifest = inRoot('package.json');
const original = inRoot('.package.json.original');

const commands = { prepare, restore };
const command = commands[process.argv[2]];
if (!command) throw new Error('Usage: node scripts/packed-manifest.mjs prepare | restore');
command();

function prepare() {
  restore();
  rmSync(inRoot('dist'), { recursive: true, force: true });
  execFileSync('npm', ['run', '--silent', 'build:package'], { cwd: inRoot(''), stdio: ['ignore', 2, 'inherit'] });
  const text = readFileSync(manifest, 'utf8');
  const packed = withBuiltExports(JSON.parse(text));
  writeFileSync(original, text);
  writeFileSync(manifest, `${JSON.stringify(packed, null, 2)}\n`);
}

function restore() {
  if (existsSync(original)) renameSync(original, manifest);
}

function withBuiltExports(source) {
  const doors = Object.entries(source.exports).map(([door, path]) => [door, builtDoor(path)]);
  return { ...source, exports: Object.fromEntries(doors) };
}

function builtDoor(path) {
  const built = path.replace(/^\.\/src\//, './dist/').replace(/\.tsx?$/, '');
  const door = { types: `${built}.d.ts`, default: `${built}.js` };
  for (const file of Object.values(door)) {
    if (!existsSync(inRoot(file))) throw new Error(`${path} was not built: there is no ${file}.`);
  }
  return door;
}
