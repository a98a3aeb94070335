import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppFolder, createAppFolder } from '../matrix/app-folder.ts';
import { readGuideCommands, readGuideFiles } from './t3-guide.ts';
import { changePagesFiles, readPagesGuideFiles } from './t3-pages-guide.ts';

/** An app that create-t3-app made, with the guide's edits, built for production. */
export interface T3App {
  readonly app: AppFolder;
  /** Lists the files that the guide has created. */
  listCreated(): readonly string[];
  /** Lists the files that differ from what create-t3-app wrote. */
  listChanged(): readonly string[];
}

export interface T3Options {
  /** The version of create-t3-app. */
  readonly version: string;
  readonly router: 'app' | 'pages';
  /** More options of its command line. */
  readonly options?: readonly string[];
}

/** Follows the guide in an app that is otherwise as create-t3-app makes it: its own Next, nothing upgraded or forced. */
export async function buildT3App(tarball: string, { version, router, options = [] }: T3Options): Promise<T3App> {
  const app = createAppFolder();
  try {
    const create = ['npx', '--yes', '--prefer-offline', `create-t3-app@${version}`, '.'] as const;
    const routerOption = router === 'app' ? ['--appRouter'] : [];
    await app.run(...create, '--CI', '--trpc', '--tailwind', '--noGit', '--noInstall', ...routerOption, ...options);
    const before = readFiles(app);
    for (const commands of readGuideCommands()) await app.run('sh', '-ec', useTarball(commands, tarball));
    for (const { path, code } of router === 'app' ? readGuideFiles() : readPagesGuideFiles()) app.write(path, code);
    if (router === 'pages') changePagesFiles(app);
    await buildOffline(app);
    const after = readFiles(app);
    return {
      app,
      listCreated: () => [...after.keys()].filter((path) => !before.has(path)),
      listChanged: () => [...before.keys()].filter((path) => before.get(path) !== after.get(path)),
    };
  } catch (error) {
    app.remove();
    throw error;
  }
}

/** In place of the published package, npm installs the packed one. */
function useTarball(commands: string, tarball: string): string {
  return commands.replace(/^npm install trpc-session(.*)$/m, `npm install '${tarball}'$1 --prefer-offline --no-audit`);
}

/** What Next uses as the response of Google Fonts, so that the build needs no network. */
const fonts = {
  file: 'node_modules/fonts.cjs',
  url: 'https://fonts.googleapis.com/css2?family=Geist:wght@100..900&display=swap',
};

async function buildOffline({ folder, write, run }: AppFolder): Promise<void> {
  const css = "@font-face { font-family: 'Geist'; src: local('Arial'); }";
  write(fonts.file, `module.exports = ${JSON.stringify({ [fonts.url]: css })};`);
  await run('env', `NEXT_FONT_GOOGLE_MOCKED_RESPONSES=${join(folder, fonts.file)}`, 'npm', 'run', 'build');
}

function readFiles({ folder, listFiles }: AppFolder): ReadonlyMap<string, string> {
  return new Map(listFiles().map((path) => [path, readFileSync(join(folder, path), 'latin1')]));
}
