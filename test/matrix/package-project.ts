import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@playwright/test';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Adds the version of a package of this repository to the running test's row in docs/compatibility.md. */
export function noteInstalledVersion(name: string): void {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  test.info().annotations.push({ type: 'version', description: `${name} ${version}` });
}
