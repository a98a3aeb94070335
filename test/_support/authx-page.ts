import { type DocsPage, writeDocsPage } from './docs-page.ts';

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
export function loadAuthxPage(): Promise<DocsPage> {
  const added = { 'type-checks.ts': typeChecks, 'app/getSessionId/route.ts': idRoute };
  return writeDocsPage('docs/coming-from-authx.md', { packages: ['@trpc', 'zod', '@types/node'], added });
}
