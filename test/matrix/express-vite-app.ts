import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, type Page } from '@playwright/test';
import { findFreePort } from '../_support/free-port.ts';
import { startProcess } from '../_support/owned-process.ts';
import { createProgramEnv } from '../_support/run-program.ts';
import type { AppFolder } from './app-folder.ts';

const guidePath = fileURLToPath(new URL('../../docs/add-to-vite.md', import.meta.url));
const readyWithinMs = 30_000;

/** The guide for Express and Vite, as a reader follows it. */
export interface ViteGuide {
  /** The files of the guide, and `server/users.ts`, which the reader writes. */
  readonly files: Readonly<Record<string, string>>;
  /** The arguments of npm in its commands, in their order. The packed library replaces the published one, and this folder `my-app`. */
  readonly npmCommands: readonly (readonly string[])[];
}

/** The function that the guide calls the reader's own. */
const users = `
export async function checkPassword({ username, password }: { username: string; password: string }) {
  return username === 'ada' && password === 'lovelace' ? { userId: 'ada', name: 'Ada' } : null;
}
`;

export function readViteGuide(tarball: string): ViteGuide {
  const text = readFileSync(guidePath, 'utf8');
  const blocks = [...text.matchAll(/^```tsx?\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)];
  const commands = [...text.slice(0, text.indexOf('## On the server')).matchAll(/^npm (.+)$/gm)];
  return {
    files: { ...Object.fromEntries(blocks.map(([, path, code]) => [path, code])), 'server/users.ts': users },
    npmCommands: commands.map(([, line = '']) =>
      line.replace(' trpc-session', ` ${tarball}`).replace(' my-app ', ' . ').split(' '),
    ),
  };
}

/** Writes the files of the guide, and makes its change of tsconfig.node.json. */
export function writeGuideFiles({ folder, write }: AppFolder, { files }: ViteGuide): void {
  for (const [path, code] of Object.entries(files)) write(path, code);
  const path = 'tsconfig.node.json';
  const before = readFileSync(join(folder, path), 'utf8');
  const after = before.replace('["vite.config.ts"]', '["vite.config.ts", "server"]');
  expect(after, `The template's ${path} has another include.`).not.toBe(before);
  write(path, after);
}

/** A server that runs until the end of the block. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
}

interface ServerCommand {
  /** A program of the app's packages, and its arguments. `$PORT` is replaced by a free port. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The path that responds when the server is ready. */
  readonly path?: string;
}

/** Starts a server of the app, and waits until it responds. */
export async function startAppServer(
  { folder }: Pick<AppFolder, 'folder'>,
  { args, env = {}, path = '/' }: ServerCommand,
): Promise<RunningServer> {
  const port = String(await findFreePort());
  const running = await startProcess(
    process.execPath,
    args.map((arg) => arg.replace('$PORT', port)),
    { cwd: folder, env: createProgramEnv({ PORT: port, ...env }) },
  );
  const stop = async () => {
    if (!running.hasEnded()) await running.kill('SIGKILL');
  };
  const url = `http://localhost:${port}`;
  const deadline = Date.now() + readyWithinMs;
  while (!(await canReach(url + path))) {
    if (running.hasEnded() || Date.now() > deadline) {
      await stop();
      throw new Error(`The server did not start:\n${running.output()}`);
    }
    await sleep(100);
  }
  return { url, [Symbol.asyncDispose]: stop };
}

async function canReach(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    ({ status }) => status < 500,
    () => false,
  );
}

/** Signs in, changes the session, reloads and signs out, with the guide's own components. */
export async function followViteGuide(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('Incorrect username or password.');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Hello Ada')).toBeVisible();
  expect(await (await page.request.get(`${url}/api/trpc/greet`)).json()).toEqual({ result: { data: 'Hello Ada' } });
  await page.getByRole('button', { name: 'Use the dark theme' }).click();
  await expect(page.getByRole('button', { name: 'Use the light theme' })).toBeEnabled();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Use the light theme' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  expect((await page.request.get(`${url}/api/trpc/greet`)).status()).toBe(401);
}
