import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import { expect, test } from '../_support/e2e.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';

interface Operation {
  readonly security: readonly object[];
}

interface DescribedApi {
  readonly servers: readonly [{ readonly url: string }];
  readonly paths: Readonly<Record<string, { readonly get?: Operation; readonly post?: Operation }>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, unknown>> };
}

/** The part of the generated client that is used here. */
interface GeneratedClient {
  readonly accountMe: { accountMe(): Promise<ClientResponse> };
  readonly authSignIn: { authSignIn(input: object): Promise<ClientResponse> };
  readonly authSignOut: { authSignOut(input: object): Promise<ClientResponse> };
}

/** What a call of the generated client resolves to if it succeeds, and throws if it fails. */
interface ClientResponse {
  readonly status: number;
  readonly data: unknown;
  readonly error: unknown;
}

interface GeneratedModule {
  readonly Api: new (options: { readonly baseUrl: string; readonly customFetch: unknown }) => GeneratedClient;
}

interface Generator {
  generateApi(options: object): Promise<{ readonly files: readonly [{ readonly fileContent: string }] }>;
}

/** Every procedure of the demo, with an input that passes its validation. */
const inputs: Readonly<Record<string, unknown>> = {
  '/auth.signIn': { username: 'ada', password: 'wrong' },
  '/auth.signOut': undefined,
  '/session.get': undefined,
  '/session.set': { theme: 'dark' },
  '/session.destroy': undefined,
  '/session.touch': undefined,
  '/session.list': undefined,
  '/session.revoke': { id: 'unknown' },
  '/session.revokeOthers': undefined,
  '/account.me': undefined,
  '/account.confirmPassword': { password: 'lovelace' },
  '/account.deleteAccount': undefined,
  '/admin.overview': undefined,
  '/admin.signOutEverywhere': { userId: 'user-2' },
  '/public.hello': undefined,
};

const cache = fileURLToPath(new URL('../../node_modules/.cache/trpc-session-tests', import.meta.url));

/** Generates a client from the document of a running demo with swagger-typescript-api, and loads it. */
async function generateClient(origin: string): Promise<GeneratedModule> {
  const { resolve } = createRequire(new URL('../fixtures/openapi-client/package.json', import.meta.url));
  const { generateApi }: Generator = await import(pathToFileURL(resolve('swagger-typescript-api')).href);
  const { files } = await generateApi({ url: `${origin}/api/openapi.json`, output: false, silent: true });
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'openapi-client-'));
  try {
    const [input, file] = [join(folder, 'api.ts'), join(folder, 'api.mjs')];
    await writeFile(input, files[0].fileContent);
    await build({ input, output: { file, format: 'esm' } });
    return await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Passed to `catch`, because the client throws responses that are not a success. */
const toResponse = (response: ClientResponse): ClientResponse => response;

test('a client generated from the document signs in and calls a protected procedure', async ({ demo }) => {
  const { Api } = await generateClient(demo.url);
  const { servers } = await fetchDocument(demo.url);
  const customFetch = createBrowserFetch(new CookieJar(), demo.url);
  const client = new Api({ baseUrl: servers[0].url, customFetch });

  const refused = await client.accountMe.accountMe().catch(toResponse);
  expect(refused).toMatchObject({ status: 401, data: null });
  expect(refused.error).toMatchObject({
    error: { json: { data: { code: 'UNAUTHORIZED', session: { reason: 'missing' } } } },
  });

  await client.authSignIn.authSignIn({ json: { username: 'ada', password: 'lovelace' } });
  const { data } = await client.accountMe.accountMe();
  expect(data).toEqual({ result: { data: { json: { userId: 'user-1', name: 'Ada Lovelace', role: 'admin' } } } });

  // The document's example of the body of a mutation without input.
  await client.authSignOut.authSignOut({});
  expect(await client.accountMe.accountMe().catch(toResponse)).toMatchObject({ status: 401 });
});

async function fetchDocument(origin: string): Promise<DescribedApi> {
  return (await fetch(`${origin}/api/openapi.json`)).json();
}

/** Calls an operation without a session, as the document describes it. Returns the status and the session reason. */
async function callSignedOut(
  url: string,
  method: string,
  input: unknown,
): Promise<{ status: number; reason: unknown }> {
  const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  const body = method === 'post' ? { body: JSON.stringify({ json: input }) } : {};
  const response = await fetch(url, { method, headers, ...body });
  const { error } = await response.json();
  return { status: response.status, reason: error?.json.data.session?.reason ?? null };
}

test('the procedures that refuse signed-out users are exactly those that the document marks', async ({ demo }) => {
  const { servers, paths } = await fetchDocument(demo.url);
  expect(Object.keys(paths).toSorted()).toEqual(Object.keys(inputs).toSorted());
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { security }] of Object.entries(methods)) {
      const { status, reason } = await callSignedOut(demo.url + servers[0].url + path, method, inputs[path]);
      // The response to a wrong password is 401 too, but it comes from the procedure and not from a guard.
      const isRefused = status === 401 && reason === 'missing';
      expect({ path, isProtected: isRefused }).toEqual({ path, isProtected: security.length > 0 });
      if (!isRefused) expect(reason, path).toBeNull();
    }
  }
});

test('the document names the cookie that signing in sets, and is the same for every visitor', async ({ demo }) => {
  const before = await fetchDocument(demo.url);
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, demo.url);
  const input = { username: 'ada', password: 'lovelace' };
  const headers = { 'content-type': 'application/json' };
  await visit('/api/trpc/auth.signIn', { method: 'POST', headers, body: JSON.stringify({ json: input }) });
  const cookies = Object.values(before.components.securitySchemes);
  expect(cookies).toEqual([expect.objectContaining({ type: 'apiKey', in: 'cookie', name: '__Host-ssid' })]);
  expect(jar.value('__Host-ssid')).toBeDefined();
  expect(await (await visit('/api/openapi.json')).json()).toEqual(before);
});
