import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionStore } from 'trpc-session/stores';
import { vi } from 'vitest';
import { readMarkdown, readTable, root } from './markdown.ts';

const page = readMarkdown('docs/redis.md');

/** Names in docs/redis.md, such as a host, and what replaces them on this machine. */
export type Replacements = Readonly<Record<string, string | number>>;

/** Replaces names of docs/redis.md by those of this machine. Throws if one of them does not occur. */
export function replaceNames(text: string, replacements: Replacements): string {
  return Object.entries(replacements).reduce((result, [written, actual]) => {
    if (!result.includes(written)) throw new Error(`docs/redis.md does not write ${written} in\n${text}`);
    return result.replaceAll(written, String(actual));
  }, text);
}

export interface Snippet {
  readonly store: SessionStore;
  /** Disconnects the clients that the snippet itself created. */
  disconnect(): void;
}

/** Runs the snippet of docs/redis.md that starts with this file name, with only the names replaced. */
export async function runSnippet(name: string, replacements: Replacements): Promise<Snippet> {
  const blocks = page.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  const [, , code] = [...blocks].find(([, file]) => file === name) ?? [];
  if (code === undefined) throw new Error(`docs/redis.md has no ${name}`);
  const folder = mkdtempSync(join(tmpdir(), 'trpc-session-redis-page-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    // Ends the search for a package.json here, whatever the folder for temporary files contains.
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    symlinkSync(root, join(folder, 'node_modules/trpc-session'));
    for (const client of ['ioredis', 'redis']) {
      symlinkSync(join(root, 'node_modules', client), join(folder, 'node_modules', client));
    }
    writeFileSync(join(folder, name), replaceNames(code, replacements));
    const module: Record<string, unknown> = await import(/* @vite-ignore */ join(folder, name));
    return await connectSnippet(module);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function connectSnippet({ store, ...clients }: Record<string, unknown>): Promise<Snippet> {
  const snippet = {
    store: store as SessionStore,
    disconnect: () => {
      for (const client of Object.values(clients) as { disconnect(): void }[]) client.disconnect();
    },
  };
  // Snippets have the default deadline of one second. On a busy machine the first connection can take longer.
  await vi.waitFor(() => snippet.store.ping('session:warm-up'), { timeout: 10_000, interval: 100 });
  return snippet;
}

/** The Redis user of docs/redis.md, as the arguments of ACL SETUSER. */
export function readAclUser(): readonly [name: string, ...rules: string[]] {
  const [, name = '', rules = ''] = /^ACL SETUSER (\S+) (.+)$/m.exec(page) ?? [];
  return [name, ...rules.split(' ')];
}

/** The additional permissions that docs/redis.md lists for a setup. */
export function readMoreRules(setup: string): readonly string[] {
  const [, rules] = page.split(`\n- ${setup}: \``)[1]?.match(/^(.+?)`/) ?? [];
  if (rules === undefined) throw new Error(`docs/redis.md lists no permissions for ${setup}`);
  return rules.split(' ');
}

/** The URLs of a table, by default of "With a URL". */
export function readUrls(section = 'With a URL'): readonly string[] {
  return readTable(page, section).map(([url = '']) => url.replaceAll('`', ''));
}

const faultSections = [
  'Redis cannot be reached',
  'The network is slow or breaks',
  'Redis is busy or refuses commands',
  'Redis loses data',
  'The app fails',
];

/** Every fault in the tables of "When Redis fails". */
export function readFaultsOnPage(): readonly string[] {
  return faultSections.flatMap((section) => readTable(page, section).map(([fault = '']) => fault));
}
