import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderToString } from 'react-dom/server';
import { afterAll, describe, expect, test } from 'vitest';
import { readmeFiles } from '../_support/readme-app.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trpc-session-app-'));

afterAll(() => rmSync(folder, { recursive: true }));

describe('the tests in docs/testing-your-app.md, run against the app in the README', async () => {
  const page = readFileSync(join(root, 'docs/testing-your-app.md'), 'utf8');
  const blocks = Array.from(page.matchAll(/^```tsx?\n\/\/ (\S+)\n([\s\S]*?)^```$/gm), ([, path = '', code = '']) => ({
    path,
    code,
  }));
  for (const file of [...readmeFiles(), ...blocks]) {
    mkdirSync(dirname(join(folder, file.path)), { recursive: true });
    writeFileSync(join(folder, file.path), file.code);
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/trpc-session'));
  for (const known of ['@trpc', 'react', 'react-dom', 'superjson', 'vitest', 'zod']) {
    symlinkSync(join(root, 'node_modules', known), join(folder, 'node_modules', known));
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { jsx: 'react-jsx' } }));
  for (const { path } of blocks.filter((block) => block.path.includes('.test.'))) {
    await import(/* @vite-ignore */ join(folder, path));
  }

  test.each([
    ['Light', 'The theme is <!-- -->light'],
    ['Dark', 'The theme is <!-- -->dark'],
    ['SignedOut', ''],
  ])('the story %s shows its session', async (name, shown) => {
    const stories = await import(/* @vite-ignore */ join(folder, 'theme-switch.stories.tsx'));
    expect(renderToString(stories[name].render())).toContain(shown);
  });

  test('the fixture for Playwright is the one that the browser tests of this repository use', () => {
    const documented = blocks.find(({ path }) => path === 'e2e/signed-in.ts');
    const used = readFileSync(join(root, 'test/_support/signed-in.ts'), 'utf8');
    expect(documented?.code).toBe(used.replace("'./e2e.ts'", "'@playwright/test'"));
  });
});
