import type { DemoServer } from '../_support/demo-server.ts';
import { expect, test } from '../_support/e2e.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';

const atLeast = 2_000;
const inParallel = 32;

const people = {
  ada: { password: 'lovelace', name: 'Ada Lovelace', userId: 'user-1', role: 'admin', theme: 'dark' },
  grace: { password: 'hopper', name: 'Grace Hopper', userId: 'user-2', role: 'member', theme: 'light' },
} as const;
type Person = keyof typeof people;
type Visit = ReturnType<typeof createBrowserFetch>;

/** Somebody with a browser, and what in an answer is theirs and nobody else's. */
interface Visitor {
  readonly name: Person | 'nobody';
  readonly visit: Visit;
  /** Of the person. */
  readonly account: readonly string[];
  /** Of this one session. */
  readonly session: readonly string[];
}

/** Something to ask the app for, by every visitor alike. */
interface Ask {
  readonly path: string;
  readonly init?: RequestInit;
  /**
   * What the answer may say: things of whoever asks; to an admin also of all accounts; or nothing of anybody. A shell
   * says nothing either, and is the same for everybody: that alone may be cached.
   */
  readonly says: 'own' | 'accounts' | 'nothing' | 'shell';
}

interface Answer {
  readonly by: Visitor;
  readonly ask: Ask;
  readonly response: Response;
  readonly body: string;
}

const nobody = (demo: DemoServer): Visitor => {
  return { name: 'nobody', visit: createBrowserFetch(new CookieJar(), demo.url), account: [], session: [] };
};

async function somebody(demo: DemoServer, who: Person): Promise<Visitor> {
  const jar = new CookieJar();
  const browser = `browser-of-${who}`;
  const send = createBrowserFetch(jar, demo.url);
  const visit: Visit = (path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('user-agent', browser);
    return send(path, { ...init, headers });
  };
  await signIn(visit, who);
  const view = await (await visit('/api/trpc/session.get')).json();
  const { name, userId, role, theme } = people[who];
  const roles = [`"role":"${role}"`, `"children":"${role}"`, `<dd>${role}</dd>`];
  const session = [view.result.data.json.id, browser, jar.value('__Host-ssid') ?? '', `"theme":"${theme}"`];
  return { name: who, visit, account: [name, userId, ...roles], session };
}

async function signIn(visit: Visit, username: Person): Promise<void> {
  const { password, theme } = people[username];
  expect((await visit('/api/trpc/auth.signIn', posted({ username, password, theme }))).status).toBe(200);
}

function posted(input: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ json: input }) };
}

/** Every page in every way that it is asked for, every query one by one and in a batch, and a mutation. */
async function everything({ visit }: Visitor): Promise<readonly Ask[]> {
  const pages = ['/', '/sign-in', '/dashboard', '/account', '/devices', '/admin', '/nowhere'];
  const asks = await Promise.all(pages.map((path) => waysOfAsking(visit, path)));
  const calls: readonly (readonly [string, Ask['says']])[] = [
    ['session.get', 'own'],
    ['session.list', 'own'],
    ['account.me', 'own'],
    ['admin.overview', 'accounts'],
    ['public.hello', 'nothing'],
  ];
  const batch = `${calls.map(([name]) => name).join(',')}?batch=1&input=%7B%7D`;
  const queries = [...calls, [batch, 'accounts'] as const].map(([call, says]) => ({ path: `/api/trpc/${call}`, says }));
  const mutation: Ask = { path: '/api/trpc/account.deleteAccount', init: posted(null), says: 'own' };
  const often = Array.from({ length: 6 }, () => queries).flat();
  return [...asks.flat(), { path: '/icon.svg', says: 'shell' }, ...often, mutation];
}

/** As a document, and as Next's router does: for a navigation, a runtime prefetch and prefetches of single segments. */
async function waysOfAsking(visit: Visit, path: string): Promise<readonly Ask[]> {
  const says = path === '/admin' ? 'accounts' : 'own';
  const segments = ['/_tree', '/_full', ...(path === '/nowhere' ? [] : [`${path === '/' ? '' : path}/__PAGE__`])];
  const ways: readonly (readonly [Record<string, string>, Ask['says']])[] = [
    [{}, says],
    [{ rsc: '1' }, says],
    [{ rsc: '1', 'next-router-prefetch': '2' }, 'nothing'],
    ...segments.map((segment) => {
      return [{ rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': segment }, 'shell'] as const;
    }),
  ];
  return Promise.all(
    ways.map(async ([headers, sayings]): Promise<Ask> => {
      // The router's requests carry a digest of their headers in the address. Next redirects there whoever does not know it.
      const { headers: answered } = await visit(path, { headers });
      return { path: answered.get('location') ?? path, init: { headers }, says: sayings };
    }),
  );
}

async function hammer(work: Iterable<readonly [Visitor, Ask]>): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const queue = work[Symbol.iterator]();
  const worker = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const [by, ask] = next.value;
      const response = await by.visit(ask.path, ask.init ?? {});
      answers.push({ by, ask, response, body: readable(await response.text(), ask) });
    }
  };
  await Promise.all(Array.from({ length: inParallel }, worker));
  return answers;
}

/** Quotes as they were before they went into HTML or a script. */
function readable(body: string, { path }: Ask): string {
  const text = body.replaceAll(/\\+"|&quot;/g, '"').replaceAll('": "', '":"');
  // The sign-in page offers the accounts of the demo to everybody: that list is left out, and nothing else of the page.
  return path === '/sign-in' ? text.replace(/<aside class="sign-in-accounts".*?<\/aside>/s, '') : text;
}

/** What is wrong with an answer. */
function faults(answer: Answer, visitors: readonly Visitor[]): readonly string[] {
  const { by, ask, response, body } = answer;
  const found = forbiddenIn(answer, visitors).flatMap((mark) => (body.includes(mark) ? [`says ${mark}`] : []));
  if (response.status >= 500) found.push(`answered ${response.status}`);
  if (response.headers.getSetCookie().length > 0) found.push('sets a cookie');
  if (by.name !== 'nobody') found.push(...faultsForSomebody(answer));
  return found.map((fault) => `${by.name}, ${ask.path}, ${JSON.stringify(ask.init?.headers)}: ${fault}`);
}

function forbiddenIn({ by, ask: { says } }: Answer, visitors: readonly Visitor[]): readonly string[] {
  const others = says === 'nothing' || says === 'shell' ? visitors : visitors.filter((visitor) => visitor !== by);
  // Ada is an admin: the overview shows her every account, and of no session more than when it was last seen.
  const sharesAccounts = says === 'accounts' && by.name === 'ada';
  return others.flatMap(({ account, session }) => (sharesAccounts ? session : [...account, ...session]));
}

function faultsForSomebody({ by, ask: { path, says }, response: { status, headers }, body }: Answer): string[] {
  const found: string[] = [];
  const caching = headers.get('cache-control') ?? '';
  const isKept = !caching.includes('private') || !caching.includes('no-store');
  if (isKept && says !== 'shell') found.push(`may be kept: ${caching}`);
  if (path.startsWith('/api/') && !/\bcookie\b/i.test(headers.get('vary') ?? '')) found.push('does not vary by cookie');
  // Otherwise it would prove little that it says nothing of others.
  const isTheirs = (says === 'own' || says === 'accounts') && status !== 403;
  if (isTheirs && ![...by.account, ...by.session].some((mark) => body.includes(mark)))
    found.push('says nothing of theirs');
  if (says === 'shell' && body === '') found.push('is empty');
  return found;
}

/** One browser that is now one person, now the other, now nobody, while all that goes on. */
async function changeOver(demo: DemoServer, turns: number): Promise<void> {
  const visit = createBrowserFetch(new CookieJar(), demo.url);
  for (let turn = 0; turn < turns; turn++) {
    const [who, other]: [Person, Person] = turn % 2 === 0 ? ['ada', 'grace'] : ['grace', 'ada'];
    const { userId, name, role, password } = people[who];
    await signIn(visit, who);
    const page = await (await visit('/dashboard')).text();
    expect([name, people[other].name].filter((said) => page.includes(said))).toEqual([name]);
    expect((await visit('/api/trpc/session.set', posted({ theme: people[other].theme }))).status).toBe(200);
    expect((await visit('/api/trpc/account.confirmPassword', posted({ password }))).status).toBe(200);
    const me = await (await visit('/api/trpc/account.me')).json();
    expect(me.result.data.json).toEqual({ userId, name, role });
    if (turn % 3 > 0) continue;
    expect((await visit('/api/trpc/auth.signOut', posted(null))).status).toBe(200);
    expect((await (await visit('/')).text()).includes(name)).toBe(false);
  }
}

test('no answer tells one visitor of another, however many come at once', async ({ demo }) => {
  test.setTimeout(180_000);
  const [ada, grace] = [await somebody(demo, 'ada'), await somebody(demo, 'grace')];
  const visitors = [ada, grace, nobody(demo)];
  const asks = await everything(ada);
  const round = asks.flatMap((ask) => visitors.map((by) => [by, ask] as const));
  const work = Array.from({ length: Math.ceil(atLeast / round.length) }, () => round).flat();
  const [answers] = await Promise.all([hammer(work), changeOver(demo, 6)]);
  expect(answers.length).toBeGreaterThanOrEqual(atLeast);
  expect([...new Set(answers.flatMap((answer) => faults(answer, visitors)))]).toEqual([]);
  for (const ask of asks.filter(({ says }) => says === 'shell')) {
    // Who has no cookie is sent to the sign-in page instead, where a page is guarded.
    const shells = answers.filter((answer) => answer.ask === ask && answer.response.status !== 307);
    expect([...new Set(shells.map(({ by }) => by.name))], ask.path).toEqual(expect.arrayContaining(['ada', 'grace']));
    expect(new Set(shells.map(({ body }) => body)).size, ask.path).toBe(1);
  }
});
