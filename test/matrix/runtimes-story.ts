import { expect } from '@playwright/test';
import { createTRPCClient, httpLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';

/** Signs in, reads, changes and signs out over plain routes of docs/servers.md, and then over tRPC. */
export async function visitServer(url: string): Promise<void> {
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, url);
  const send = (method: string, path: string, body: object) =>
    visit(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const read = async () => (await visit('/me')).json();

  expect((await visit('/me')).status).toBe(401);
  const { headers } = await send('POST', '/sign-in', { name: 'Ada' });
  expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^ssid=Fe26.*; HttpOnly; SameSite=Lax$/)]);
  expect(headers.get('cache-control')).toBe('private, no-store');
  expect(await read()).toEqual({ name: 'Ada', theme: 'light' });
  expect(await (await send('PATCH', '/me', { theme: 'dark' })).json()).toEqual({ name: 'Ada', theme: 'dark' });
  expect(await read()).toEqual({ name: 'Ada', theme: 'dark' });
  const stolen = jar.header;
  expect((await send('POST', '/sign-out', {})).status).toBe(204);
  expect(jar.header).toBe('');
  const late = await fetch(new URL('/me', url), { headers: { cookie: stolen } });
  expect([late.status, await late.json()]).toMatchObject([401, { reason: 'expired' }]);

  const links = [httpLink({ url: `${url}/api/trpc`, fetch: (path, init) => visit(String(path), init as RequestInit) })];
  // biome-ignore lint/suspicious/noExplicitAny: only the compiler that runs in the page's folder knows the router
  const client = createTRPCClient<AnyRouter>({ links }) as any;
  await expect(client.greet.query()).rejects.toMatchObject({ data: { httpStatus: 401 } });
  await client.signIn.mutate({ name: 'Grace' });
  expect(await client.greet.query()).toBe('Hello Grace');
  await client.session.set.mutate({ theme: 'dark' });
  expect(await read()).toEqual({ name: 'Grace', theme: 'dark' });
  await client.session.destroy.mutate();
  await expect(client.greet.query()).rejects.toMatchObject({ data: { httpStatus: 401 } });
}
