import { sealData } from 'iron-session';
import { cookie } from 'trpc-session/transports/cookie';
import { beforeAll, describe, expect, test } from 'vitest';
import { computeSlot, createToken, hashToken } from '../../src/core/record/token.ts';
import { ada, Browser, createAccountSessions, secret } from '../_support/sessions.ts';

const [oldest, older, newest] = [
  'k3Jd8vQm2XzR7pLs0TyWf5BnHc9GaUe4',
  'Zt6YqP1oMxN8rKv3LdS7wJbF2hCg5uEi',
  'p9Xc4VbN7mQ2wE5rT8yU1iO6aS3dF0gH',
];

/** A browser that sends this value as the session cookie. */
function createBrowser(
  { sessions }: Pick<ReturnType<typeof createAccountSessions>, 'sessions'>,
  value: string,
  name = 'ssid',
): Browser<never> {
  const browser = new Browser(sessions);
  browser.jar.set(name, value);
  return browser as unknown as Browser<never>;
}

describe('the sealed cookie', () => {
  const made = createAccountSessions();
  let seal = '';

  beforeAll(async () => {
    const browser = new Browser(made.sessions);
    await browser.request().start(ada);
    seal = browser.cookie.slice('ssid='.length);
    made.calls.length = 0;
  });

  test('is made by iron-session, fits in a cookie, and does not show the user', () => {
    expect(seal).toMatch(/^Fe26\.2\*\d+\*/);
    expect(seal.length).toBeLessThan(512);
    expect(Buffer.from(seal, 'base64url').toString('latin1')).not.toMatch(/ada/i);
  });

  test('opens unchanged', async () => {
    expect(await createBrowser(made, seal).request().hasToken()).toBe(true);
  });

  test('is rejected without a store call if any one character is changed', async () => {
    const altered = [...seal].flatMap((character, at) => {
      const next =
        { A: 'B', '0': '1', f: 'e' }[character] ?? (/[a-z]/.test(character) ? 'f' : /\d/.test(character) ? '0' : 'A');
      return [seal.slice(0, at) + next + seal.slice(at + 1), seal.slice(0, at) + seal.slice(at + 1)];
    });
    const opened = altered
      .filter((text) => text !== seal)
      .map((text) => createBrowser(made, text).request().hasToken());
    expect(await Promise.all(opened)).not.toContain(true);
    expect(altered.length).toBeGreaterThan(500);
    expect(made.calls).toEqual([]);
  });

  test('is rejected without a store call if it is truncated or extended anywhere', async () => {
    const cut = Array.from(seal, (_, length) => seal.slice(0, length));
    const added = ['A', '~2', '*', '=', ' x', '\0', '%', ';', '\n'].flatMap((text) => [seal + text, text + seal]);
    for (const text of [...cut, ...added.filter((value) => value.trim() !== seal && !value.endsWith(';'))]) {
      const headers = { cookie: `ssid=${text}` };
      expect(await made.sessions.open({ headers }).hasToken(), JSON.stringify(text)).toBe(false);
    }
    expect(made.calls).toEqual([]);
  });

  test.each<[string, (parts: string[]) => string[]]>([
    ['swapped parts', ([a, b, c, d, e, ...rest]) => [a, b, d, c, e, ...rest].map(String)],
    ['another key id', ([a, _, ...rest]) => [String(a), '1', ...rest]],
    ['a leading zero in the key id', ([a, id, ...rest]) => [String(a), `0${id}`, ...rest]],
    ['__proto__ as the key id', ([a, _, ...rest]) => [String(a), '__proto__', ...rest]],
    ['no key id', ([a, _, ...rest]) => [String(a), '', ...rest]],
    ['an expiry', (parts) => parts.with(5, String(Date.UTC(2999, 0)))],
    ['another version prefix', (parts) => parts.with(0, 'Fe26.1')],
    ['another version suffix', (parts) => parts.with(-1, String(parts.at(-1)).replace('~2', '~9'))],
    ['no version suffix', (parts) => parts.with(-1, String(parts.at(-1)).replace('~2', ''))],
    ['two version suffixes', (parts) => parts.with(-1, `${parts.at(-1)}~2`)],
  ])('is rejected with %s', async (_case, change) => {
    const text = change(seal.split('*')).join('*');
    expect(text).not.toBe(seal);
    expect(await createBrowser(made, text).request().hasToken()).toBe(false);
  });

  test('is rejected under another secret, prefix or cookie name', async () => {
    const others = [
      createAccountSessions({ secret: newest }),
      createAccountSessions({ prefix: 'other:' }),
      createAccountSessions({ transport: cookie({ name: 'other' }) }),
    ];
    for (const other of others) {
      expect(await createBrowser(other, seal, 'other').request().hasToken()).toBe(false);
      expect(await createBrowser(other, seal).request().hasToken()).toBe(false);
      expect(other.calls).toEqual([]);
    }
  });

  test('is rejected if the same secret sealed it for another purpose', async () => {
    const token = createToken({ slot: computeSlot('session:', 'ada'), expiresAt: made.clock.now() + 1000 });
    for (const password of [secret, { 1: secret }, { [seal.split('*')[1] ?? '']: secret }]) {
      const forged = await sealData(token, { password, ttl: 0 });
      expect(await createBrowser(made, forged).request().hasToken()).toBe(false);
    }
    expect(made.calls).toEqual([]);
  });
});

describe('a cookie value that is not a seal is rejected without a store call', () => {
  const token = createToken({ slot: computeSlot('session:', 'ada'), expiresAt: Date.UTC(2030, 0) });

  test.each<[string, string]>([
    ['nothing', ''],
    ['a raw token', token],
    ["a token's hash", hashToken(token)],
    ['a Redis key', `session:{${computeSlot('session:', 'ada')}}`],
    ['a seal of the first iron-session version', 'Fe26.1*1*a*b*c**d*e~2'],
    ['a JWT', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.'],
    ['JSON', encodeURIComponent('{"userId":"ada"}')],
    ['a megabyte', `Fe26.2*1*${'a'.repeat(1_000_000)}`],
    ['stars', '*'.repeat(500)],
    ['malformed percent-encoding', '%E0%A4%A'],
  ])('%s', async (_case, value) => {
    const made = createAccountSessions();
    const session = createBrowser(made, value).request();
    expect(await session.get()).toBeNull();
    await expect(session.require()).rejects.toMatchObject({ code: 'MISSING' });
    expect(made.calls).toEqual([]);
  });
});

describe('a request that carries two valid cookies is signed out, without a store call', () => {
  test.each<[string, (mine: string, planted: string) => string]>([
    ['with a planted value first', (mine, planted) => `ssid=${planted}; ssid=${mine}`],
    ['with a planted value last', (mine, planted) => `ssid=${mine}; ssid=${planted}`],
  ])('%s', async (_case, header) => {
    const made = createAccountSessions();
    const [mine, planted] = [new Browser(made.sessions), new Browser(made.sessions)];
    await mine.request().start(ada);
    await planted.request().start(ada);
    made.calls.length = 0;
    const text = header(mine.cookie.slice('ssid='.length), planted.cookie.slice('ssid='.length));
    expect(await made.sessions.open({ headers: { cookie: text } }).get()).toBeNull();
    expect(made.calls).toEqual([]);
  });
});

describe('a list of secrets', () => {
  /** An app over the same store with other secrets. */
  const withSecrets = (made: ReturnType<typeof createAccountSessions>, secrets: string[]) =>
    createAccountSessions({ secret: secrets, store: made.store }, made.clock);
  const sealUnder = async (made: ReturnType<typeof createAccountSessions>): Promise<string> => {
    const browser = new Browser(made.sessions);
    await browser.request().start(ada);
    return browser.cookie.slice('ssid='.length);
  };
  const opens = async (made: ReturnType<typeof createAccountSessions>, seal: string) =>
    (await createBrowser(made, seal).request().get()) !== null;

  test('opens a cookie sealed with any of them, and seals with the first only', async () => {
    const first = createAccountSessions({ secret: oldest });
    const bySeal = await sealUnder(first);
    const rotated = withSecrets(first, [newest, older, oldest]);
    expect(await opens(rotated, bySeal)).toBe(true);
    const fresh = await sealUnder(rotated);
    expect(await opens(withSecrets(first, [newest]), fresh)).toBe(true);
    expect(await opens(withSecrets(first, [older, oldest]), fresh)).toBe(false);
    expect(await opens(withSecrets(first, [oldest, newest, older]), fresh)).toBe(true);
  });

  test('without its oldest secret signs out only the users whose cookie that secret sealed', async () => {
    const first = createAccountSessions({ secret: [oldest] });
    const [one, two, three] = [
      await sealUnder(first),
      await sealUnder(withSecrets(first, [older, oldest])),
      await sealUnder(withSecrets(first, [newest, older, oldest])),
    ];
    const dropped = withSecrets(first, [newest, older]);
    expect(await Promise.all([one, two, three].map((seal) => opens(dropped, seal)))).toEqual([false, true, true]);
    expect(dropped.events).toEqual([]);
  });

  test('can be one string with commas between the secrets', async () => {
    const made = createAccountSessions({ secret: oldest });
    const seal = await sealUnder(made);
    expect(
      await opens(createAccountSessions({ secret: `${newest},${oldest}`, store: made.store }, made.clock), seal),
    ).toBe(true);
  });

  test('every sign-in gets a different seal', async () => {
    const made = createAccountSessions();
    expect(await sealUnder(made)).not.toBe(await sealUnder(made));
  });
});
