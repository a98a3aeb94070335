import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNextApp } from './build-next-app.ts';
import { packAndInstall } from './installed-package.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The app before the guide's edits. */
export const t3Fixture = join(root, 'test/fixtures/t3-app');

/** A file of the guide, in full, and whether the guide says to create or to change it. */
export interface GuideFile {
  readonly path: string;
  readonly code: string;
  readonly edit: FileEdit;
}

type FileEdit = 'create' | 'change';

/** An app in the shape of create-t3-app's, with the guide's edits, built for production. */
export interface T3App {
  readonly folder: string;
  /** Lists the files that differ from the fixture's, or are not in it. Files that Next generates are left out. */
  listDifferences(): readonly string[];
}

/**
 * Returns the files of the guide in its order: each step has a heading that names the file, and a code block that begins
 * with a comment naming it again.
 *
 * @throws Error if a code block has no such heading, or names another file.
 */
export function readGuideFiles(): readonly GuideFile[] {
  const step =
    /^### \d+\. (Create|Change) `(\S+)`$(?:(?!^#|^```)[\s\S])*^```(?:js|tsx?)\n\/\/ (\S+)\n([\s\S]*?)^```$/gm;
  const files = [...readGuide().matchAll(step)].map(([, verb, heading, path = '', code = '']): GuideFile => {
    if (path !== heading) throw new Error(`The guide shows ${path} under the heading of ${heading}.`);
    return { path, code, edit: verb === 'Create' ? 'create' : 'change' };
  });
  if (files.length === readGuide().match(/^```(?:js|tsx?)$/gm)?.length) return files;
  throw new Error('A code block of the guide is not under a heading that says to create or to change its file.');
}

/** Returns the rows of the guide's overview: the steps that it announces. */
export function readGuideOverview(): readonly (Omit<GuideFile, 'code'> & { readonly step: number })[] {
  const row = /^\| (\d+) \| `(\S+)` \| (create|change) \|/gm;
  return [...readGuide().matchAll(row)].map(([, step, path = '', edit]) => ({
    step: Number(step),
    path,
    edit: edit as FileEdit,
  }));
}

function readGuide(): string {
  return readFileSync(join(root, 'docs/add-to-t3.md'), 'utf8');
}

/** Returns the shell commands of the guide that write `.env`. */
function readEnvironmentCommands(): string {
  return /^```sh\n(echo [\s\S]*?)^```$/m.exec(readGuide())?.[1] ?? '';
}

/**
 * Writes the fixture with the guide's edits, and builds it. The folder is inside the repository, so that the app finds its
 * packages. Packages of which the fixture needs another version are its own.
 */
export async function buildT3App(): Promise<T3App> {
  const folder = join(root, 'test/.t3-app');
  rmSync(folder, { recursive: true, force: true });
  for (const path of listFiles(t3Fixture)) write(join(folder, path), readFileSync(join(t3Fixture, path), 'utf8'));
  await installPackages(folder);
  for (const { path, code } of readGuideFiles()) write(join(folder, path), code);
  execFileSync('sh', ['-ec', readEnvironmentCommands()], { cwd: folder });
  await buildNextApp(folder, { NEXT_FONT_GOOGLE_MOCKED_RESPONSES: join(folder, fonts) });
  return { folder, listDifferences: () => listFiles(folder).filter((path) => !isSame(path, folder)) };
}

/**
 * Links the fixture's packages, and installs the library as npm would. A link to the library would use the repository's
 * tRPC instead of the app's.
 */
async function installPackages(folder: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(t3Fixture, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(t3Fixture, 'node_modules', name), join(modules, name));
  }
  const installed = await packAndInstall();
  cpSync(installed.folder, join(modules, 'trpc-session'), { recursive: true });
  await installed.remove();
  writeFileSync(join(folder, fonts), `module.exports = ${JSON.stringify({ [geist]: '' })};`);
}

/** What Next uses as the response of Google Fonts, so that the build needs no network. */
const fonts = 'node_modules/fonts.cjs';
const geist = 'https://fonts.googleapis.com/css2?family=Geist:wght@100..900&display=swap';

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function isSame(path: string, folder: string): boolean {
  const original = join(t3Fixture, path);
  return existsSync(original) && readFileSync(original, 'utf8') === readFileSync(join(folder, path), 'utf8');
}

const generated = /^(node_modules|\.next|next-env\.d\.ts|.*\.tsbuildinfo)$/;

/** Lists paths relative to the folder. Files that npm and Next put there are left out. */
function listFiles(folder: string, within = folder): readonly string[] {
  return readdirSync(within, { withFileTypes: true })
    .filter(({ name }) => !generated.test(name))
    .flatMap((entry) => {
      const path = join(within, entry.name);
      return entry.isDirectory() ? listFiles(folder, path) : [relative(folder, path)];
    });
}
