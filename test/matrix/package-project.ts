import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@playwright/test';
import { type AppFolder, createAppFolder } from './app-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Creates an empty folder for an app. Its folder is removed at the end of the block: `using app = createProject()`. */
export function createProject(): AppFolder & Disposable {
  const app = createAppFolder();
  return { ...app, [Symbol.dispose]: app.remove };
}

/** Copies a folder of test/fixtures into the app. */
export function copyFixture({ folder }: AppFolder, name: string): void {
  cpSync(join(root, 'test/fixtures', name), folder, { recursive: true });
}

/** Returns the ranges in which this repository installs the packages. */
export function pickRanges(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, devDependencies[name]]));
}

/** Adds a version to the row of the running test in docs/compatibility.md. */
export function noteVersion(name: string, version: string): void {
  test.info().annotations.push({ type: 'version', description: `${name} ${version}` });
}

/** Adds the versions of packages that the app has installed to the same row. */
export function noteVersions({ readVersion }: AppFolder, ...names: readonly string[]): void {
  for (const name of names) noteVersion(name, readVersion(name));
}

/** Adds the version of a package of this repository to the same row. */
export function noteInstalledVersion(name: string): void {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  noteVersion(name, version);
}
