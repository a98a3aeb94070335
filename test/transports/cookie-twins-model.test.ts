// Slow: it runs random histories, and each sign-in seals a cookie.
import { randomUUID } from 'node:crypto';
import { parseSetCookie } from 'cookie';
import fc from 'fast-check';
import { createHeadersSink } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { type CookieOptions, cookie } from 'trpc-session/transports/cookie';
import { expect, test } from 'vitest';
import { ada, createAccountSessions, getErrorCode } from '../_support/sessions.ts';

const host = 'staging.shop.test';
const secrets = ['correct-horse-battery-staple-sealed', 'YW5vdGhlci1hcHAtb24tdGhlLXNhbWUtaG9zdC1ub3c'] as const;

/** The cookies that a browser sends to one host, by name, domain and path (RFC 6265 §5.3 and §5.4). */
class Jar {
  readonly #cookies = new Map<string, { readonly pair: string; readonly path: string }>();

  keep(lines: readonly string[]): void {
    for (const line of lines) {
      const { name, value, domain, path = '/', maxAge } = parseSetCookie(line, { decode: (text) => text });
      if (domain !== undefined && host !== domain && !host.endsWith(`.${domain}`)) continue;
      const key = JSON.stringify([name, domain, path]);
      if (maxAge === 0) this.#cookies.delete(key);
      else this.#cookies.set(key, { pair: `${name}=${value}`, path });
    }
  }

  header(path: string): string {
    const sent = [...this.#cookies.values()].filter((kept) => `${path}/`.startsWith(kept.path.replace(/\/*$/, '/')));
    return sent.map(({ pair }) => pair).join('; ');
  }
}

type Step = Readonly<{ app: CookieOptions; secret: (typeof secrets)[number]; write: 'sign-in' | 'sign-out' }>;

const step: fc.Arbitrary<Step> = fc.record({
  app: fc.record({
    name: fc.constant('sid'),
    domain: fc.constantFrom(undefined, 'shop.test', host),
    path: fc.constantFrom('/', '/app'),
  }),
  secret: fc.constantFrom(...secrets),
  write: fc.constantFrom('sign-in', 'sign-out'),
}) as fc.Arbitrary<Step>;

/** Runs the steps in one browser. Each step is a deployment of one of two apps, which differ in their secret. */
async function run(steps: readonly Step[], formerDomains: readonly string[]): Promise<void> {
  const jar = new Jar();
  const stores = secrets.map(() => memoryStore({ name: randomUUID() }));
  for (const { app, secret, write } of steps) {
    const options = formerDomains.length > 0 ? { ...app, formerDomains } : app;
    const store = stores[secrets.indexOf(secret)] ?? memoryStore();
    const { sessions } = createAccountSessions({ secret, store, now: Date.now, transport: cookie(options) });
    const open = () => {
      const response = new Headers();
      const headers = { cookie: jar.header('/app/page'), 'sec-fetch-site': 'same-origin' };
      const session = sessions.open({ method: 'POST', headers }, createHeadersSink(response));
      return { session, finish: () => jar.keep(response.getSetCookie()) };
    };
    const { session, finish } = open();
    const call = write === 'sign-in' ? session.start(ada) : session.destroy();
    const code = await getErrorCode(call);
    finish();
    if (formerDomains.length > 0) expect(code).toBe('none');
    else expect(['none', 'COOKIE_SHADOWED']).toContain(code);
    if (code !== 'none') continue;
    expect((await open().session.get())?.data.userId ?? null).toBe(write === 'sign-in' ? 'ada' : null);
  }
}

test.each<[string, readonly string[]]>([
  ['with every former domain listed, no sign-in fails', ['shop.test', host]],
  ['without former domains, a sign-in works or fails', []],
])('after any deployments, %s, and a sign-out signs out', async (_case, formerDomains) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => run(steps, formerDomains)),
    { numRuns: 60 },
  );
});
