import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import lockfile from '../package-lock.json' with { type: 'json' };
import { readMarkdown } from './integration/markdown.ts';

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly hasInstallScript?: boolean;
}

const packages = lockfile.packages as Readonly<Record<string, LockedPackage>>;

/** Returns the names of these packages and of everything that they install. */
function collectInstalled(names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    queue.push(...Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {}));
  }
  return found;
}

const runtime = Object.keys(manifest.dependencies);

test('each runtime dependency has a reason in the decision about them', () => {
  const rows = readMarkdown('docs/decisions/033-runtime-dependencies.md').matchAll(/^\| `([^`]+)` \| .+ \| .+ \|$/gm);
  expect(Array.from(rows, ([, name]) => name)).toEqual(runtime.toSorted());
});

test('nothing that an app installs with this package runs a script at installation', () => {
  const installed = [...collectInstalled(runtime)];
  expect(installed.length).toBeGreaterThan(runtime.length);
  expect(installed.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([]);
  expect(installed.filter((name) => packages[`node_modules/${name}`]?.hasInstallScript)).toEqual([]);
  expect(Object.keys(manifest.scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
});

test('the lockfile has the packages of every platform that a tool offers', () => {
  const optional = Object.keys(packages).filter((path) => /node_modules\/@biomejs\/cli-/.test(path));
  for (const platform of ['darwin-arm64', 'linux-x64', 'linux-arm64', 'win32-x64']) {
    expect(optional.some((path) => path.endsWith(platform))).toBe(true);
  }
});
