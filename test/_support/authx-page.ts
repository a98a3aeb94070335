import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the compiler makes of the page's router, seen from a client: it fails where a type is `any`. */
const typeChecks = `
import { createTRPCClient, httpLink } from '@trpc/client';
import type { appRouter } from './trpc';
const api = createTRPCClient<typeof appRouter>({ links: [httpLink({ url: '/' })] });
export const data: { readonly name: string; readonly since: string } | null = await api.getSession.query();
// @ts-expect-error a name is text
export const wrong: { readonly name: number } | null = await api.getSession.query();
await api.setSession.mutate({ name: 'Ada' });
// @ts-expect-error the schema has it
await api.setSession.mutate({});
// @ts-expect-error text as well
await api.setSession.mutate({ name: 7 });
`;

/** One route more, for the verb that AuthX's example imports and has no route for. */
const idRoute = `
import { createNextSession } from 'trpc-session/next';
import { sessions } from '../../session';
const { getSessionId } = createNextSession(sessions);
export const GET = async () => Response.json(await getSessionId());
`;

/** docs/coming-from-authx.md, and its code in a folder, as an app has it. */
export interface AuthxPage extends AsyncDisposable {
  /** The tests that it names and the pages that it links, from the root of the repository. */
  readonly references: readonly string[];
  isThere(reference: string): boolean;
  /** What TypeScript at its strictest has to say about the code: nothing. */
  compile(): Promise<string>;
  /** A file of it, by its name; evaluated anew after `vi.resetModules()`. */
  // biome-ignore lint/suspicious/noExplicitAny: its type is known to the compiler of the folder alone
  load(name: string): Promise<any>;
}

export async function authxPage(): Promise<AuthxPage> {
  const text = await readFile(join(root, 'docs/coming-from-authx.md'), 'utf8');
  const ours = { 'type-checks.ts': typeChecks, 'app/getSessionId/route.ts': idRoute };
  const folder = await appOf(new Map([...codeFiles(text), ...Object.entries(ours)]));
  return {
    references: references(text),
    isThere: (reference) => existsSync(join(root, reference)),
    compile: () =>
      promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      ),
    load: (name) => import(/* @vite-ignore */ join(folder, name)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** The code of a page that begins with a file's name, by that name. */
function codeFiles(markdown: string): ReadonlyMap<string, string> {
  const blocks = markdown.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  return new Map(Array.from(blocks, ([, name = '', code = '']) => [name, code]));
}

function references(markdown: string): readonly string[] {
  const tests = Array.from(markdown.matchAll(/`(test\/[\w./-]+)`/g), ([, path = '']) => path);
  const pages = Array.from(markdown.matchAll(/\]\((?!https?:)([^)#]+)\)/g), ([, path = '']) => join('docs', path));
  return [...tests, ...pages];
}

/** A folder with these files, and this library among its modules. */
async function appOf(files: ReadonlyMap<string, string>): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), 'trpc-session-app-'));
  const modules = join(app, 'node_modules');
  await mkdir(join(modules, '@types'), { recursive: true });
  await symlink(root, join(modules, 'trpc-session'));
  for (const name of ['@trpc', 'zod', '@types/node']) {
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  for (const [name, code] of files) {
    await mkdir(dirname(join(app, name)), { recursive: true });
    await writeFile(join(app, name), code);
  }
  const { compilerOptions } = JSON.parse(await readFile(join(root, 'tsconfig.json'), 'utf8'));
  const { plugins: _, incremental: __, ...strict } = compilerOptions;
  await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: strict, files: [...files.keys()] }));
  return app;
}
