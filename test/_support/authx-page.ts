import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Code of a client that calls the page's router. It does not compile if one of the types is `any`. */
const typeChecks = `
import { createTRPCClient, httpLink } from '@trpc/client';
import type { appRouter } from './trpc';
const api = createTRPCClient<typeof appRouter>({ links: [httpLink({ url: '/' })] });
export const data: { readonly name: string; readonly since: string } | null = await api.getSession.query();
// @ts-expect-error a name is a string
export const wrong: { readonly name: number } | null = await api.getSession.query();
await api.setSession.mutate({ name: 'Ada' });
// @ts-expect-error the name is required
await api.setSession.mutate({});
// @ts-expect-error a name is a string
await api.setSession.mutate({ name: 7 });
`;

/** A route for `getSessionId`, which AuthX's example imports without using it. */
const idRoute = `
import { createNextSession } from 'trpc-session/next';
import { sessions } from '../../session';
const { getSessionId } = createNextSession(sessions);
export const GET = async () => Response.json(await getSessionId());
`;

/** The code of docs/coming-from-authx.md in a folder, like an app. */
export interface AuthxPage extends AsyncDisposable {
  /** Compiles the code in strict mode. Resolves to the compiler's errors, or to an empty string. */
  compile(): Promise<string>;
  /** Imports a file by its name. After `vi.resetModules()`, evaluates it again. */
  // biome-ignore lint/suspicious/noExplicitAny: only the compiler that runs in the folder knows the type
  load(name: string): Promise<any>;
}

export async function loadAuthxPage(): Promise<AuthxPage> {
  const text = await readFile(join(root, 'docs/coming-from-authx.md'), 'utf8');
  const additions = { 'type-checks.ts': typeChecks, 'app/getSessionId/route.ts': idRoute };
  const folder = await createApp(new Map([...extractFiles(text), ...Object.entries(additions)]));
  return {
    compile: () =>
      promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      ),
    load: (name) => import(/* @vite-ignore */ join(folder, name)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** The code blocks that start with a file name, by that name. */
function extractFiles(markdown: string): ReadonlyMap<string, string> {
  const blocks = markdown.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  return new Map(Array.from(blocks, ([, name = '', code = '']) => [name, code]));
}

/** Creates a folder with these files, and with this library in its node_modules. */
async function createApp(files: ReadonlyMap<string, string>): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), 'trpc-session-app-'));
  // Ends the search for a package.json here, whatever the folder for temporary files contains.
  await writeFile(join(app, 'package.json'), '{ "type": "module" }');
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
