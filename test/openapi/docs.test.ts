import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnyTRPCRouter } from '@trpc/server';
import type { Sessions, SessionTypes } from 'trpc-session';
import { createOpenApiSession, type OpenApiDocument } from 'trpc-session/openapi';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readmeFiles } from '../_support/readme-app.ts';
import { getOperation, validateDocument } from './_support/document.ts';

// Outside a request of Next, `connection()` would throw.
vi.mock('next/server', () => ({ connection: async () => {} }));

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/openapi.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'trpc-session-openapi-'));

// Writes the page's files next to those of the README's app.
beforeAll(() => {
  const named = page.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  const files = Array.from(named, ([, path = '', code = '']) => ({ path, code }));
  for (const { path, code } of [...readmeFiles(), ...files]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/trpc-session'));
  for (const installed of ['@trpc', 'next', 'superjson', 'zod']) {
    symlinkSync(join(root, 'node_modules', installed), join(folder, 'node_modules', installed));
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

const load = (path: string): Promise<unknown> => import(/* @vite-ignore */ join(folder, path));

test('the route handler of the page serves the document of the README app', async () => {
  const { GET } = (await load('app/api/openapi.json/route.ts')) as { GET(): Promise<Response> };
  const document = (await (await GET()).json()) as OpenApiDocument;
  expect(await validateDocument(document)).toBe(null);
  expect(document.servers).toEqual([{ url: '/api/trpc' }]);
  expect(getOperation(document, 'greet').security).toEqual([{ sessionCookie: [] }]);
  expect(getOperation(document, 'session.get').security).toEqual([]);
});

test('the JSON that the page shows is what its example procedure becomes', async () => {
  const { router } = (await load('procedures.ts')) as { router: AnyTRPCRouter };
  const { sessions } = (await load('app/session.ts')) as { sessions: Sessions<SessionTypes> };
  const { createOpenApiDocument } = createOpenApiSession(sessions);
  const document = createOpenApiDocument(router, { title: 'Page', version: '1', url: '/api/trpc' });
  const [, claimed = ''] = /^```json\n([\s\S]*?)^```$/m.exec(page) ?? [];
  expect(getOperation(document, 'closeAccount')).toMatchObject(JSON.parse(claimed) as object);
});
