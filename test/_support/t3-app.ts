import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packAndInstall } from './installed-package.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The app before the edits. */
export const t3Fixture = join(root, 'test/fixtures/t3-app');
const nextBin = join(root, 'node_modules/next/dist/bin/next');

/** A file of the guide, whole, and whether the guide calls it new or changed. */
export interface GuideFile {
  readonly path: string;
  readonly code: string;
  readonly edit: 'New' | 'Changed';
}

/** An app in the shape of create-t3-app's, with the guide's edits, built for production. */
export interface T3App {
  readonly folder: string;
  /** The files that differ from the fixture's, or are not in it. Without what Next generates. */
  differences(): readonly string[];
}

/** The guide's code blocks, which begin with the comment that names their file, under what it calls them. */
export function guideFiles(): readonly GuideFile[] {
  const block = /^\*\*(New|Changed)\*\*:(?:(?!^```)[\s\S])*^```(?:js|tsx?)\n\/\/ (\S+)\n([\s\S]*?)^```$/gm;
  const files = [...guide().matchAll(block)].map(([, edit, path = '', code = '']): GuideFile => {
    return { path, code, edit: edit === 'New' ? 'New' : 'Changed' };
  });
  if (files.length === guide().match(/^```(?:js|tsx?)$/gm)?.length) return files;
  throw new Error('A code block of the guide does not name its file, or is not said to be new or changed.');
}

function guide(): string {
  return readFileSync(join(root, 'docs/add-to-t3.md'), 'utf8');
}

/** The guide's lines for a shell that write the environment. */
function environmentLines(): string {
  return /^```sh\n(echo [\s\S]*?)^```$/m.exec(guide())?.[1] ?? '';
}

/** Inside the repository, so that it finds its packages; those whose versions differ from ours are the fixture's own. */
export async function buildT3App(): Promise<T3App> {
  const folder = join(root, 'test/.t3-app');
  rmSync(folder, { recursive: true, force: true });
  for (const path of filesIn(t3Fixture)) write(join(folder, path), readFileSync(join(t3Fixture, path), 'utf8'));
  await installPackages(folder);
  for (const { path, code } of guideFiles()) write(join(folder, path), code);
  execFileSync('sh', ['-ec', environmentLines()], { cwd: folder });
  build(folder);
  return { folder, differences: () => filesIn(folder).filter((path) => !isSame(path, folder)) };
}

/** The fixture's packages, and ours as npm would install it: its tRPC is the app's, which a link would not find. */
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

/** What Next takes for Google's answer, so that the build needs no network. */
const fonts = 'node_modules/fonts.cjs';
const geist = 'https://fonts.googleapis.com/css2?family=Geist:wght@100..900&display=swap';

function build(folder: string): void {
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    NODE_ENV: 'production',
    NEXT_FONT_GOOGLE_MOCKED_RESPONSES: join(folder, fonts),
  } as NodeJS.ProcessEnv;
  execFileSync(process.execPath, [nextBin, 'build'], { cwd: folder, env, stdio: 'pipe' });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function isSame(path: string, folder: string): boolean {
  const original = join(t3Fixture, path);
  return existsSync(original) && readFileSync(original, 'utf8') === readFileSync(join(folder, path), 'utf8');
}

const generated = /^(node_modules|\.next|next-env\.d\.ts|.*\.tsbuildinfo)$/;

/** Paths from the folder, without what npm and Next put there. */
function filesIn(folder: string, within = folder): readonly string[] {
  return readdirSync(within, { withFileTypes: true })
    .filter(({ name }) => !generated.test(name))
    .flatMap((entry) => {
      const path = join(within, entry.name);
      return entry.isDirectory() ? filesIn(folder, path) : [relative(folder, path)];
    });
}
