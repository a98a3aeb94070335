import { createHeadersSink, createSessions, type SessionEvent } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const events: SessionEvent[] = [];
const secrets = ['c3VyZWx5LW5vdC1hLXJlYWwtc2VjcmV0LTEyMzQ', 'YW5vdGhlci1hcHAtb24tdGhlLXNhbWUtaG9zdC1ub3c'];
const [ours, foreign] = secrets.map((secret) =>
  createSessions({
    schema: z.object({ userId: z.string() }),
    view: () => null,
    store: memoryStore(),
    secret,
    onEvent: (event) => events.push(event),
  }),
);

async function signIn(sessions: typeof ours, userId: string): Promise<string> {
  const headers = new Headers();
  await sessions?.open({ method: 'POST', headers: {} }, createHeadersSink(headers)).start({ userId });
  return headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function readUser(...cookies: readonly string[]): Promise<string | null> {
  events.length = 0;
  const session = await ours?.open({ headers: { cookie: cookies.join('; ') } }).get();
  return session?.data.userId ?? null;
}

const ada = await signIn(ours, 'ada');
const grace = await signIn(ours, 'grace');
const strange = await signIn(foreign, 'eve');

test('a bearer token cannot cause the event', async () => {
  events.length = 0;
  const sessions = createSessions({
    schema: z.object({ userId: z.string() }),
    view: () => null,
    store: memoryStore(),
    secret: undefined,
    transport: bearer(),
    onEvent: (event) => events.push(event),
  });
  expect(await sessions.open({ headers: { authorization: 'Bearer ambiguous' } }).get()).toBeNull();
  expect(events).toEqual([]);
});

describe('several cookies of one name', () => {
  test.each<[string, readonly string[]]>([
    ['two equal values are one', [ada, ada]],
    ['the value of another app comes first', [strange, ada]],
    ['the value of another app comes last', [ada, strange]],
    ['an empty value is beside it', ['ssid=', ada]],
    ['three values cannot be opened', [strange, 'ssid=1', ada, 'ssid=x']],
    ['a hundred values have another shape', [...Array.from({ length: 100 }, (_, n) => `ssid=${n}`), ada]],
  ])('sign the user in if %s', async (_case, cookies) => {
    expect(await readUser(...cookies)).toBe('ada');
    expect(events).toEqual([]);
  });

  test('sign no user in if two are valid, and an event says so', async () => {
    expect(await readUser(ada, grace)).toBeNull();
    expect(events).toEqual([{ type: 'ambiguous', carrier: 'ssid' }]);
  });

  test('sign no user in if more than four have to be opened', async () => {
    const strangers = await Promise.all(['a', 'b', 'c', 'd'].map((userId) => signIn(foreign, userId)));
    expect(await readUser(...strangers, ada)).toBeNull();
    expect(await readUser(...strangers.slice(1), ada)).toBe('ada');
  });
});
