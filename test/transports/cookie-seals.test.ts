import { sealData } from 'iron-session';
import { cookie } from 'trpc-session/transports/cookie';
import { beforeAll, describe, expect, test } from 'vitest';
import { computeSlot, createToken, hashToken } from '../../src/core/record/token.ts';
import { accountSessions, ada, Browser, secret } from '../_support/sessions.ts';

const [oldest, older, newest] = [
  'k3Jd8vQm2XzR7pLs0TyWf5BnHc9GaUe4',
  'Zt6YqP1oMxN8rKv3LdS7wJbF2hCg5uEi',
  'p9Xc4VbN7mQ2wE5rT8yU1iO6aS3dF0gH',
];

/** A manager whose visitor brings this value under the cookie's name. */
function visitorOf(
  { sessions }: Pick<ReturnType<typeof accountSessions>, 'sessions'>,
  value: string,
  name = 'ssid',
): Browser<never> {
  const browser = new Browser(sessions);
  browser.jar.set(name, value);
  return browser as unknown as Browser<never>;
}

describe('a seal', () => {
  const made = accountSessions();
  let seal = '';

  beforeAll(async () => {
    const browser = new Browser(made.sessions);
    await browser.request().start(ada);
    seal = browser.cookie.slice('ssid='.length);
    made.calls.length = 0;
  });

  test('is made by iron-session, fits a cookie, and shows nothing of who it is for', () => {
    expect(seal).toMatch(/^Fe26\.2\*\d+\*/);
    expect(seal.length).toBeLessThan(512);
    expect(Buffer.from(seal, 'base64url').toString('latin1')).not.toMatch(/ada/i);
  });

  test('opens when it is whole', async () => {
    expect(await visitorOf(made, seal).request().hasToken()).toBe(true);
  });

  test('with any one character changed is nobody, without asking the store', async () => {
    const altered = [...seal].flatMap((character, at) => {
      const next =
        { A: 'B', '0': '1', f: 'e' }[character] ?? (/[a-z]/.test(character) ? 'f' : /\d/.test(character) ? '0' : 'A');
      return [seal.slice(0, at) + next + seal.slice(at + 1), seal.slice(0, at) + seal.slice(at + 1)];
    });
    const opened = altered.filter((text) => text !== seal).map((text) => visitorOf(made, text).request().hasToken());
    expect(await Promise.all(opened)).not.toContain(true);
    expect(altered.length).toBeGreaterThan(500);
    expect(made.calls).toEqual([]);
  });

  test('cut off anywhere, or with anything added, is nobody', async () => {
    const cut = Array.from(seal, (_, length) => seal.slice(0, length));
    const added = ['A', '~2', '*', '=', ' x', '\0', '%', ';', '\n'].flatMap((text) => [seal + text, text + seal]);
    for (const text of [...cut, ...added.filter((value) => value.trim() !== seal && !value.endsWith(';'))]) {
      const headers = { cookie: `ssid=${text}` };
      expect(await made.sessions.open({ headers }).hasToken(), JSON.stringify(text)).toBe(false);
    }
    expect(made.calls).toEqual([]);
  });

  test.each<[string, (parts: string[]) => string[]]>([
    ['its parts swapped', ([a, b, c, d, e, ...rest]) => [a, b, d, c, e, ...rest].map(String)],
    ['another key id', ([a, _, ...rest]) => [String(a), '1', ...rest]],
    ['a zero before its key id', ([a, id, ...rest]) => [String(a), `0${id}`, ...rest]],
    ['a key id of every object', ([a, _, ...rest]) => [String(a), '__proto__', ...rest]],
    ['no key id', ([a, _, ...rest]) => [String(a), '', ...rest]],
    ['an expiry', (parts) => parts.with(5, String(Date.UTC(2999, 0)))],
    ['another version before', (parts) => parts.with(0, 'Fe26.1')],
    ['another version after', (parts) => parts.with(-1, String(parts.at(-1)).replace('~2', '~9'))],
    ['no version after', (parts) => parts.with(-1, String(parts.at(-1)).replace('~2', ''))],
    ['two versions after', (parts) => parts.with(-1, `${parts.at(-1)}~2`)],
  ])('with %s is nobody', async (_case, change) => {
    const text = change(seal.split('*')).join('*');
    expect(text).not.toBe(seal);
    expect(await visitorOf(made, text).request().hasToken()).toBe(false);
  });

  test('of another secret, prefix or cookie name is nobody', async () => {
    const others = [
      accountSessions({ secret: newest }),
      accountSessions({ prefix: 'other:' }),
      accountSessions({ transport: cookie({ name: 'other' }) }),
    ];
    for (const other of others) {
      expect(await visitorOf(other, seal, 'other').request().hasToken()).toBe(false);
      expect(await visitorOf(other, seal).request().hasToken()).toBe(false);
      expect(other.calls).toEqual([]);
    }
  });

  test('made with the bare secret, for something else, is nobody', async () => {
    const token = createToken({ slot: computeSlot('session:', 'ada'), expiresAt: made.clock.now() + 1000 });
    for (const password of [secret, { 1: secret }, { [seal.split('*')[1] ?? '']: secret }]) {
      const forged = await sealData(token, { password, ttl: 0 });
      expect(await visitorOf(made, forged).request().hasToken()).toBe(false);
    }
    expect(made.calls).toEqual([]);
  });
});

describe('what is no seal is nobody, without asking the store', () => {
  const token = createToken({ slot: computeSlot('session:', 'ada'), expiresAt: Date.UTC(2030, 0) });

  test.each<[string, string]>([
    ['nothing', ''],
    ['a raw token', token],
    ["a token's hash", hashToken(token)],
    ['a Redis key', `session:{${computeSlot('session:', 'ada')}}`],
    ['an iron-session of the first version', 'Fe26.1*1*a*b*c**d*e~2'],
    ['a JWT', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.'],
    ['JSON', encodeURIComponent('{"userId":"ada"}')],
    ['a megabyte', `Fe26.2*1*${'a'.repeat(1_000_000)}`],
    ['stars', '*'.repeat(500)],
    ['malformed percent-encoding', '%E0%A4%A'],
  ])('%s', async (_case, value) => {
    const made = accountSessions();
    const session = visitorOf(made, value).request();
    expect(await session.get()).toBeNull();
    await expect(session.require()).rejects.toMatchObject({ code: 'MISSING' });
    expect(made.calls).toEqual([]);
  });
});

describe('a name that occurs twice is nobody', () => {
  test.each<[string, (mine: string, planted: string) => string]>([
    ['with another first', (mine, planted) => `ssid=${planted}; ssid=${mine}`],
    ['with another last', (mine, planted) => `ssid=${mine}; ssid=${planted}`],
    ['with the same', (mine) => `ssid=${mine}; ssid=${mine}`],
    ['with an empty one', (mine) => `ssid=; ssid=${mine}`],
  ])('%s', async (_case, header) => {
    const made = accountSessions();
    const [mine, planted] = [new Browser(made.sessions), new Browser(made.sessions)];
    await mine.request().start(ada);
    await planted.request().start(ada);
    made.calls.length = 0;
    const text = header(mine.cookie.slice('ssid='.length), planted.cookie.slice('ssid='.length));
    expect(await made.sessions.open({ headers: { cookie: text } }).get()).toBeNull();
    expect(made.calls).toEqual([]);
  });
});

describe('a ring of secrets', () => {
  /** The same sessions under another ring. */
  const withRing = (made: ReturnType<typeof accountSessions>, ring: string[]) =>
    accountSessions({ secret: ring, store: made.store }, made.clock);
  const sealUnder = async (made: ReturnType<typeof accountSessions>): Promise<string> => {
    const browser = new Browser(made.sessions);
    await browser.request().start(ada);
    return browser.cookie.slice('ssid='.length);
  };
  const opens = async (made: ReturnType<typeof accountSessions>, seal: string) =>
    (await visitorOf(made, seal).request().get()) !== null;

  test('opens what any of its secrets sealed, wherever it stands, and seals with the newest alone', async () => {
    const first = accountSessions({ secret: oldest });
    const bySeal = await sealUnder(first);
    const rotated = withRing(first, [newest, older, oldest]);
    expect(await opens(rotated, bySeal)).toBe(true);
    const fresh = await sealUnder(rotated);
    expect(await opens(withRing(first, [newest]), fresh)).toBe(true);
    expect(await opens(withRing(first, [older, oldest]), fresh)).toBe(false);
    expect(await opens(withRing(first, [oldest, newest, older]), fresh)).toBe(true);
  });

  test('without its oldest signs out those alone whom it had sealed', async () => {
    const first = accountSessions({ secret: [oldest] });
    const [one, two, three] = [
      await sealUnder(first),
      await sealUnder(withRing(first, [older, oldest])),
      await sealUnder(withRing(first, [newest, older, oldest])),
    ];
    const dropped = withRing(first, [newest, older]);
    expect(await Promise.all([one, two, three].map((seal) => opens(dropped, seal)))).toEqual([false, true, true]);
    expect(dropped.events).toEqual([]);
  });

  test('is also a string with commas between', async () => {
    const made = accountSessions({ secret: oldest });
    const seal = await sealUnder(made);
    expect(await opens(accountSessions({ secret: `${newest},${oldest}`, store: made.store }, made.clock), seal)).toBe(
      true,
    );
  });

  test('seals one token anew each time', async () => {
    const made = accountSessions();
    expect(await sealUnder(made)).not.toBe(await sealUnder(made));
  });
});
