import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe } from 'vitest';
import { readmeFiles } from '../_support/readme-app.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trpc-session-app-'));

afterAll(() => rmSync(folder, { recursive: true }));

describe('the tests in docs/testing-your-app.md, run against the app in the README', async () => {
  const page = readFileSync(join(root, 'docs/testing-your-app.md'), 'utf8');
  const [, name = '', code = ''] = /^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/m.exec(page) ?? [];
  for (const file of [...readmeFiles(), { path: name, code }]) {
    mkdirSync(dirname(join(folder, file.path)), { recursive: true });
    writeFileSync(join(folder, file.path), file.code);
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/trpc-session'));
  for (const known of ['@trpc', 'superjson', 'vitest', 'zod']) {
    symlinkSync(join(root, 'node_modules', known), join(folder, 'node_modules', known));
  }
  await import(/* @vite-ignore */ join(folder, name));
});
