import type { DemoServer } from '../_support/demo-server.ts';
import { expect, test } from '../_support/e2e.ts';
import { CookieJar, createBrowserFetch, findRouterPath } from '../_support/http.ts';

const minimumResponses = 2_000;
const concurrency = 32;
const users = {
  ada: { password: 'lovelace', name: 'Ada Lovelace', userId: 'user-1', role: 'admin', theme: 'dark' },
  grace: { password: 'hopper', name: 'Grace Hopper', userId: 'user-2', role: 'member', theme: 'light' },
} as const;
type Username = keyof typeof users;
type Visit = ReturnType<typeof createBrowserFetch>;

/** A visitor with a browser, and the texts that only responses to this visitor may contain. */
interface Visitor {
  readonly name: Username | 'guest';
  readonly visit: Visit;
  /** Texts of the user's account. */
  readonly account: readonly string[];
  /** Texts of this one session. */
  readonly session: readonly string[];
}

/**
 * What a response may contain: the visitor's data; for an admin also all accounts; or no private data. A shell has no
 * private data and is the same for all visitors, so only a shell may be cached.
 */
type Content = 'own' | 'accounts' | 'nothing' | 'shell';

/** A request that every visitor makes. */
interface PlannedRequest {
  readonly path: string;
  readonly init?: RequestInit;
  readonly contains: Content;
}

interface Result {
  readonly visitor: Visitor;
  readonly request: PlannedRequest;
  readonly response: Response;
  readonly body: string;
}

async function createSignedInVisitor(demo: DemoServer, username: Username): Promise<Visitor> {
  const [jar, browser] = [new CookieJar(), `browser-of-${username}`];
  const send = createBrowserFetch(jar, demo.url);
  const visit: Visit = (path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('user-agent', browser);
    return send(path, { ...init, headers });
  };
  await signIn(visit, username);
  const view = await (await visit('/api/trpc/session.get')).json();
  const { name, userId, role, theme } = users[username];
  const roles = [`"role":"${role}"`, `"children":"${role}"`, `<dd>${role}</dd>`];
  const session = [view.result.data.json.id, browser, jar.value('__Host-ssid') ?? '', `"theme":"${theme}"`];
  return { name: username, visit, account: [name, userId, ...roles], session };
}

async function signIn(visit: Visit, username: Username): Promise<void> {
  const { password, theme } = users[username];
  expect((await visit('/api/trpc/auth.signIn', toPost({ username, password, theme }))).status).toBe(200);
}

function toPost(input: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ json: input }) };
}

/** Plans every page in every way it can be requested, every query alone and in a batch, and a mutation. */
async function planRequests({ visit }: Visitor): Promise<readonly PlannedRequest[]> {
  const paths = ['/', '/sign-in', '/dashboard', '/account', '/devices', '/admin', '/nowhere'];
  const pages = await Promise.all(paths.map((path) => planPageRequests(visit, path)));
  const calls: readonly (readonly [string, Content])[] = [
    ['session.get', 'own'],
    ['session.list', 'own'],
    ['account.me', 'own'],
    ['admin.overview', 'accounts'],
    ['public.hello', 'shell'],
  ];
  const batch = `${calls.map(([name]) => name).join(',')}?batch=1&input=%7B%7D`;
  const all = [...calls, [batch, 'accounts'] as const];
  const queries = all.map(([call, contains]) => ({ path: `/api/trpc/${call}`, contains }));
  const mutation: PlannedRequest = { path: '/api/trpc/account.deleteAccount', init: toPost(null), contains: 'own' };
  const repeatedQueries = Array.from({ length: 6 }, () => queries).flat();
  return [...pages.flat(), { path: '/icon.svg', contains: 'shell' }, ...repeatedQueries, mutation];
}

/** As a document, and as Next's router requests it: navigation, runtime prefetch, and prefetches of single segments. */
async function planPageRequests(visit: Visit, path: string): Promise<readonly PlannedRequest[]> {
  const fullContent = path === '/admin' ? 'accounts' : 'own';
  const segments = ['/_tree', '/_full', ...(path === '/nowhere' ? [] : [`${path === '/' ? '' : path}/__PAGE__`])];
  const prefetch = { rsc: '1', 'next-router-prefetch': '1' };
  const kinds: readonly (readonly [Record<string, string>, Content])[] = [
    [{}, fullContent],
    [{ rsc: '1' }, fullContent],
    [{ rsc: '1', 'next-router-prefetch': '2' }, 'nothing'],
    ...segments.map((segment) => [{ ...prefetch, 'next-router-segment-prefetch': segment }, 'shell'] as const),
  ];
  return Promise.all(
    kinds.map(async ([headers, contains]): Promise<PlannedRequest> => {
      return { path: await findRouterPath(visit, path, headers), init: { headers }, contains };
    }),
  );
}

async function sendAll(work: readonly (readonly [Visitor, PlannedRequest])[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  // The workers share one iterator, so each request is sent once.
  const queue = work.values();
  const worker = async () => {
    for (const [visitor, request] of queue) {
      const response = await visitor.visit(request.path, request.init ?? {});
      results.push({ visitor, request, response, body: normalizeBody(await response.text(), request) });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return results;
}

/** Restores the quotes that are escaped in HTML and scripts. */
function normalizeBody(body: string, { path }: PlannedRequest): string {
  const text = body.replaceAll(/\\+"|&quot;/g, '"').replaceAll('": "', '":"');
  // The sign-in page lists the demo accounts for all visitors. Only that list is removed.
  return path === '/sign-in' ? text.replace(/<aside class="sign-in-accounts".*?<\/aside>/s, '') : text;
}

/** Returns what is wrong with a response. */
function findFaults(result: Result, visitors: readonly Visitor[]): readonly string[] {
  const { visitor, request, response, body } = result;
  const leaks = listForbiddenTexts(result, visitors).filter((text) => body.includes(text));
  const found = leaks.map((text) => `contains ${text}`);
  if (response.status >= 500) found.push(`responded with ${response.status}`);
  if (response.headers.getSetCookie().length > 0) found.push('sets a cookie');
  if (visitor.name !== 'guest') found.push(...findFaultsForUser(result));
  return found.map((fault) => `${visitor.name}, ${request.path}, ${JSON.stringify(request.init?.headers)}: ${fault}`);
}

function listForbiddenTexts({ visitor, request: { contains } }: Result, visitors: readonly Visitor[]) {
  const others = contains === 'nothing' || contains === 'shell' ? visitors : visitors.filter((one) => one !== visitor);
  // Ada is an admin: the overview contains every account, but of their sessions only the time of the last activity.
  const mayListAccounts = contains === 'accounts' && visitor.name === 'ada';
  return others.flatMap(({ account, session }) => (mayListAccounts ? session : [...account, ...session]));
}

function findFaultsForUser({ visitor, request: { path, contains }, response: { status, headers }, body }: Result) {
  const found: string[] = [];
  const cacheControl = headers.get('cache-control') ?? '';
  const isCacheable = !cacheControl.includes('private') || !cacheControl.includes('no-store');
  if (isCacheable && contains !== 'shell') found.push(`may be cached: ${cacheControl}`);
  if (path.startsWith('/api/') && contains !== 'shell' && !/\bcookie\b/i.test(headers.get('vary') ?? ''))
    found.push('does not vary by cookie');
  // A response without the visitor's own data would prove little by not containing the data of others.
  const hasOwnData = (contains === 'own' || contains === 'accounts') && status !== 403;
  if (hasOwnData && ![...visitor.account, ...visitor.session].some((text) => body.includes(text)))
    found.push('does not contain the data of this visitor');
  if (contains === 'shell' && body === '') found.push('is empty');
  return found;
}

/** One browser that signs in as one user, then as the other, then out, while the other requests run. */
async function switchUsers(demo: DemoServer, turns: number): Promise<void> {
  const visit = createBrowserFetch(new CookieJar(), demo.url);
  for (let turn = 0; turn < turns; turn++) {
    const [username, other]: [Username, Username] = turn % 2 === 0 ? ['ada', 'grace'] : ['grace', 'ada'];
    const { userId, name, role, password } = users[username];
    await signIn(visit, username);
    const page = await (await visit('/dashboard')).text();
    expect([name, users[other].name].filter((text) => page.includes(text))).toEqual([name]);
    expect((await visit('/api/trpc/session.set', toPost({ theme: users[other].theme }))).status).toBe(200);
    expect((await visit('/api/trpc/account.confirmPassword', toPost({ password }))).status).toBe(200);
    const me = await (await visit('/api/trpc/account.me')).json();
    expect(me.result.data.json).toEqual({ userId, name, role });
    if (turn % 3 > 0) continue;
    expect((await visit('/api/trpc/auth.signOut', toPost(null))).status).toBe(200);
    expect((await (await visit('/')).text()).includes(name)).toBe(false);
  }
}

test('no response contains data of another visitor, even with many requests at the same time', async ({ demo }) => {
  test.setTimeout(180_000);
  const [ada, grace] = [await createSignedInVisitor(demo, 'ada'), await createSignedInVisitor(demo, 'grace')];
  const visit = createBrowserFetch(new CookieJar(), demo.url);
  const visitors: readonly Visitor[] = [ada, grace, { name: 'guest', visit, account: [], session: [] }];
  const requests = await planRequests(ada);
  const round = requests.flatMap((request) => visitors.map((visitor) => [visitor, request] as const));
  const work = Array.from({ length: Math.ceil(minimumResponses / round.length) }, () => round).flat();
  const [results] = await Promise.all([sendAll(work), switchUsers(demo, 6)]);
  expect(results.length).toBeGreaterThanOrEqual(minimumResponses);
  expect([...new Set(results.flatMap((result) => findFaults(result, visitors)))]).toEqual([]);
  for (const request of requests.filter(({ contains }) => contains === 'shell')) {
    // A guarded page redirects a visitor without a cookie, so those responses are not shells.
    const shells = results.filter((result) => result.request === request && result.response.status !== 307);
    expect(
      shells.map(({ visitor }) => visitor.name),
      request.path,
    ).toEqual(expect.arrayContaining(['ada', 'grace']));
    expect(new Set(shells.map(({ body }) => body)).size, request.path).toBe(1);
  }
});
