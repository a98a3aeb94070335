import { type DocsPage, extractCode, writeDocsPage } from '../_support/docs-page.ts';

/** The app's own function, which the page does not show. */
const users = `
export async function checkPassword(body: unknown) {
  const { name } = body as { name: string };
  return { userId: name.toLowerCase(), name };
}
`;

/** What the page's code imports. */
const modules = ['@hono/node-server', '@trpc', '@types', 'express', 'fastify', 'hono', 'koa', 'ws', 'zod'] as const;

interface ServersPageOptions {
  /** Packages to use instead of those that the page names. */
  readonly replaced?: Readonly<Partial<Record<(typeof modules)[number], string>>>;
  /** More files of the app, by name. */
  readonly added?: Readonly<Record<string, string>>;
}

/** The code of docs/servers.md by file name, and `users.ts`. */
export function extractServersPage(): ReadonlyMap<string, string> {
  return new Map([['users.ts', users], ...extractCode('docs/servers.md')]);
}

/** The code of docs/servers.md in a folder, like an app. */
export function loadServersPage({ replaced = {}, added = {} }: ServersPageOptions = {}): Promise<DocsPage> {
  return writeDocsPage('docs/servers.md', { packages: modules, replaced, added: { 'users.ts': users, ...added } });
}
