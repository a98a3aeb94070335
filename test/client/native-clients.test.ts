// Slow: it starts the server of docs/native-clients.md, and compiles the code of the page.
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type DocsPage, writeDocsPage } from '../_support/docs-page.ts';
import { findBrokenLinks } from '../integration/markdown.ts';

/** The storage of the phone, with the functions that the page uses. */
const secureStore = {
  'node_modules/expo-secure-store/package.json':
    '{ "type": "module", "exports": "./index.js", "types": "./index.d.ts" }',
  'node_modules/expo-secure-store/index.d.ts': `
    export declare function getItemAsync(key: string): Promise<string | null>;
    export declare function setItemAsync(key: string, value: string): Promise<void>;
    export declare function deleteItemAsync(key: string): Promise<void>;`,
  'node_modules/expo-secure-store/index.js': `
    const items = new Map();
    export const getItemAsync = async (key) => items.get(key) ?? null;
    export const setItemAsync = async (key, value) => void items.set(key, value);
    export const deleteItemAsync = async (key) => void items.delete(key);`,
};

let page: DocsPage;
let origin: string;

beforeAll(async () => {
  page = await writeDocsPage('docs/native-clients.md', { packages: ['@trpc', '@types', 'zod'], added: secureStore });
  vi.stubEnv('PORT', '0');
  const { server } = await page.load('server.ts');
  if (!server.listening) await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 60_000);

afterAll(async () => {
  const { server } = await page.load('server.ts');
  server.closeAllConnections();
  server.close();
  await page[Symbol.asyncDispose]();
});

describe('the code in docs/native-clients.md', () => {
  test('compiles in strict mode', async () => {
    expect(await page.compile()).toBe('');
  }, 60_000);

  test('links to files and headings that exist', () => {
    expect(findBrokenLinks('docs/native-clients.md')).toEqual([]);
    expect(findBrokenLinks('docs/decisions/015-explicit-token-request.md')).toEqual([]);
  });

  test('signs in, renews its token and signs out in an Expo app', async () => {
    vi.stubEnv('EXPO_PUBLIC_API_URL', origin);
    const { runStory } = await page.load('expo/story.ts');
    const { tokens } = await page.load('expo/api.ts');
    expect(await runStory()).toEqual(['Hello Ada', 'Hello Ada']);
    expect(await tokens.headers()).toEqual({ 'session-transport': 'bearer' });
  });

  test('keeps the token of a command-line tool in a file that only its user can read', async () => {
    vi.stubEnv('XDG_STATE_HOME', page.folder);
    vi.stubEnv('API_URL', origin);
    const { trpc } = await page.load('cli/api.ts');
    const file = join(page.folder, 'my-tool/token');
    await trpc.signIn.mutate({ name: 'Ada', password: 'lovelace' });
    expect(readFileSync(file, 'utf8')).toMatch(/^[\w-]{72}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await trpc.greet.query()).toBe('Hello Ada');
    await trpc.session.destroy.mutate();
    expect(existsSync(file)).toBe(false);
    await expect(trpc.greet.query()).rejects.toMatchObject({ data: { session: { reason: 'missing' } } });
  });

  test('responds to the request of `curl` with a token, and with a cookie if no token is asked for', async () => {
    const body = JSON.stringify({ name: 'Ada', password: 'lovelace' });
    const json = { 'content-type': 'application/json' };
    const signIn = (headers: Record<string, string>) =>
      fetch(`${origin}/signIn`, { method: 'POST', body, headers: { ...json, ...headers } });
    const byToken = (await signIn({ 'session-transport': 'bearer' })).headers;
    expect(byToken.get('session-token')).toMatch(/^[\w-]{72}$/);
    expect(byToken.getSetCookie()).toEqual([]);
    const byCookie = (await signIn({ 'sec-fetch-site': 'same-origin' })).headers;
    expect(byCookie.get('session-token')).toBeNull();
    expect(byCookie.getSetCookie()).toHaveLength(1);
  });
});
