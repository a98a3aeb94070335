import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SessionStore } from 'trpc-session';
import type { RunnerTestFile, RunnerTestSuite } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** docs/redis.md as it stands. */
export const page = readFileSync(join(root, 'docs/redis.md'), 'utf8');

/** What the page writes, and what this machine has in its place. */
export type Places = Readonly<Record<string, string | number>>;

/** Text of the page, made true here. Every place must occur in it. */
export function localized(text: string, places: Places): string {
  return Object.entries(places).reduce((result, [written, here]) => {
    if (!result.includes(written)) throw new Error(`The page does not write ${written} in\n${text}`);
    return result.replaceAll(written, String(here));
  }, text);
}

/** The code of the page that begins with this file's name, run as it stands there but for the places. */
export async function runSnippet(name: string, places: Places): Promise<Snippet> {
  const blocks = page.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  const [, , code] = [...blocks].find(([, file]) => file === name) ?? [];
  if (code === undefined) throw new Error(`The page has no ${name}`);
  const folder = mkdtempSync(join(tmpdir(), 'trpc-session-redis-page-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/trpc-session'));
    symlinkSync(join(root, 'node_modules/ioredis'), join(folder, 'node_modules/ioredis'));
    writeFileSync(join(folder, name), localized(code, places));
    const module: Record<string, unknown> = await import(/* @vite-ignore */ join(folder, name));
    return snippetOf(module);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Snippet {
  readonly store: SessionStore;
  /** Ends the clients that the code made itself. */
  disconnect(): void;
}

function snippetOf({ store, ...clients }: Record<string, unknown>): Snippet {
  const disconnect = () => {
    for (const client of Object.values(clients) as { disconnect(): void }[]) client.disconnect();
  };
  return { store: store as SessionStore, disconnect };
}

/** The user of the page, as the arguments of ACL SETUSER. */
export function aclUser(): readonly [name: string, ...rules: string[]] {
  const [, name = '', rules = ''] = /^ACL SETUSER (\S+) (.+)$/m.exec(page) ?? [];
  return [name, ...rules.split(' ')];
}

/** What the page adds to it for something more. */
export function moreRulesFor(what: string): readonly string[] {
  const [, rules] = page.split(`\n- ${what}: \``)[1]?.match(/^(.+?)`/) ?? [];
  if (rules === undefined) throw new Error(`The page adds no permissions for ${what}`);
  return rules.split(' ');
}

/** The first two cells of every row of the table below a heading. */
export function rowsBelow(heading: string): readonly (readonly [string, string])[] {
  const [, section = ''] = page.split(`# ${heading}\n`);
  const [text = ''] = section.split(/^#/m);
  const rows = text.matchAll(/^\| (?!---)(.+?) \| (.*?) \|$/gm);
  return Array.from(rows, ([, first = '', second = '']) => [first, second] as const).slice(1);
}

/** The tests that the page says are in a file, as `suite › test`. */
export function testsOnPage(file: string): readonly string[] {
  return rowsBelow(`\`${file}\``).flatMap(([suite, names]) => names.split(' · ').map((name) => `${suite} › ${name}`));
}

/** The tests that are in a file, apart from those about the page. */
export function testsIn(file: RunnerTestFile): readonly string[] {
  const suites = file.tasks.filter((task) => task.type === 'suite' && task.name !== 'the page') as RunnerTestSuite[];
  return suites.flatMap((suite) => suite.tasks.map((task) => `${suite.name} › ${task.name}`));
}
