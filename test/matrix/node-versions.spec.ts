import { expect } from '@playwright/test';
import manifest from '../../package.json' with { type: 'json' };
import { type AppFolder, installPackages } from './app-folder.ts';
import { copyFixture, createProject, noteVersion, noteVersions, pickRanges } from './package-project.ts';
import { tableRow, test } from './package-test.ts';

/** A release of Node, and the options that it needs for `require()` of an ES module. */
interface NodeCase {
  readonly title: string;
  readonly version: string;
  readonly flags?: readonly string[];
}

const cases: readonly NodeCase[] = [
  { title: 'Node 20.19', version: '20.19.0' },
  { title: 'Node 20', version: '20' },
  { title: 'Node 22.11, with a flag', version: '22.11.0', flags: ['--experimental-require-module'] },
  { title: 'Node 22', version: '22' },
  { title: 'Node 24', version: '24' },
  { title: 'Node 26', version: '26' },
];

/** Node's binary for this machine, as an npm package. */
const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const node = `node_modules/${nodePackage}/bin/node`;
const entryPoints = Object.keys(manifest.exports).map((name) => name.replace('.', manifest.name));
/** These two export types only. */
const loaded = entryPoints.map((name) => `${name} ${!/\/(stores|transports)$/.test(name)}`);
const story = { before: 'missing', greeting: 'Hello ada', admin: 'refused', theme: 'dark', after: 'missing' };

for (const { title, version, flags = [] } of cases) {
  test(`${title}: import, require(), sign-in over HTTP`, tableRow, async ({ tarball }) => {
    test.setTimeout(120_000);
    using app = createProject();
    await installNode(app, version, tarball);
    const runNode = async (...args: readonly string[]) => (await app.run(node, ...args)).trim();
    expect((await runNode('import-all.mjs', ...entryPoints)).split('\n')).toEqual(loaded);
    expect(JSON.parse(await runNode('main.mjs'))).toEqual(story);
    expect((await runNode(...flags, 'require-all.cjs', ...entryPoints)).split('\n')).toEqual(loaded);
    expect(JSON.parse(await runNode(...flags, 'main.cjs'))).toEqual(story);
    if (flags.length > 0) await expect(runNode('main.cjs')).rejects.toThrow('ERR_REQUIRE_ESM');
  });
}

/** Installs the library, its peers and a release of Node. */
async function installNode(app: AppFolder, version: string, tarball: string): Promise<void> {
  copyFixture(app, 'node-app');
  app.write('package.json', {
    name: 'node-app',
    private: true,
    dependencies: {
      ...pickRanges('@trpc/client', '@trpc/server', 'ioredis', 'next', 'react', 'react-dom', 'zod'),
      [nodePackage]: version,
      [manifest.name]: `file:${tarball}`,
    },
  });
  await installPackages(app);
  const [, installed = ''] = (await app.run(node, '--version')).trim().split('v');
  expect(`${installed}.`).toContain(`${version}.`);
  noteVersion('Node', installed);
  noteVersions(app, '@trpc/server', 'next', 'react');
}
