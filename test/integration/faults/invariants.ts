import { inspect } from 'node:util';
import { afterEach, expect, vi } from 'vitest';
import { computeSlot, hashToken } from '../../../src/core/record/token.ts';
import type { ClientName } from '../../_support/redis-clients.ts';
import type { RedisServer } from '../../_support/redis-server.ts';
import { diary } from './fault-app.ts';
import type { AppResponse, Visitor } from './visitor.ts';
import { World, type WorldOptions } from './world.ts';

/** How much longer than its deadline a call may take. */
const slackMs = 250;
/** How soon everything must work again after a fault. */
const recoversWithinMs = 2_000;

const unhandledErrors: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandledErrors.push(reason));
process.on('uncaughtExceptionMonitor', (error) => unhandledErrors.push(error));

/** Returns a function that opens worlds for the tests of a file. After each test, checks the invariants of each world. */
export function createWorldOpener(redis: () => RedisServer): (options?: Partial<WorldOptions>) => Promise<World> {
  const worlds: World[] = [];
  afterEach(async () => {
    try {
      for (const world of worlds) await assertInvariants(world);
    } finally {
      for (const world of worlds.splice(0)) await world.close();
    }
  });
  return async (options) => {
    const world = await World.open({ redis, ...options });
    worlds.push(world);
    return world;
  };
}

/** The key of a user's sessions. */
export function toKey(subject: string): string {
  return `session:{${computeSlot('session:', subject)}}`;
}

/** Expects the responses of an outage, each in time. */
export async function expectOutage(world: World, visitor: Visitor): Promise<void> {
  const cookie = visitor.jar.header;
  const endedCookies = world.visitors.flatMap((each) => each.endedCookies);
  const ended = endedCookies.map((each) => world.createUntrackedVisitor(each).me());
  const responses = await Promise.all([visitor.me(), visitor.increment(), visitor.page(), visitor.hello(), ...ended]);
  const [me, increment, page, hello] = responses;
  expect(me).toMatchObject({ status: 503, refusal: unavailable, setCookies: [] });
  expect(increment).toMatchObject({ status: 503, refusal: unavailable, setCookies: [] });
  expect(page).toMatchObject({ status: 503, refusal: { ...unavailable, code: 503 }, setCookies: [] });
  expect(hello).toMatchObject({ status: 200, setCookies: [] });
  for (const { overdueMs } of responses) expect(overdueMs).toBeLessThan(slackMs);
  for (const response of await Promise.all(ended))
    expect(response).toMatchObject({ status: 503, refusal: unavailable });
  expect(visitor.jar.header).toBe(cookie);
  const signedOut = { status: 401, refusal: { reason: 'missing' } };
  expect(await world.createUntrackedVisitor().me()).toMatchObject(signedOut);
}

/**
 * The health check fails, and its error names the reason why Redis could not be reached. An ioredis client of the app
 * reports that to the app's listener only.
 */
export async function expectUnreachable({ sessions }: World, client: ClientName, reason: RegExp): Promise<void> {
  const refused = sessions.ready();
  await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const isOfApp = client.startsWith('ioredis');
  const [path, pattern] = isOfApp
    ? (['cause.message', /max retries/] as const)
    : (['cause.cause.message', reason] as const);
  await expect(refused).rejects.toHaveProperty(path, expect.stringMatching(pattern));
}

const unavailable = { code: 'SERVICE_UNAVAILABLE', reason: 'unavailable' };

async function assertInvariants(world: World): Promise<void> {
  await assertRecovered(world);
  await assertNothingLost(world);
  await assertEndedSessionsStayEnded(world);
  await assertEveryKeyHasTtl(world);
  await assertSettledInTime(world);
  await assertNothingLeaked(world);
  for (const response of world.responses) assertConsistentResponse(response);
  expect(unhandledErrors).toEqual([]);
}

/** Everything works again, with the same cookies and without a restart. */
async function assertRecovered(world: World): Promise<void> {
  const signedIn = world.visitors.filter(({ isSignedIn, mayBeSignedOut }) => isSignedIn && !mayBeSignedOut);
  const newcomer = world.addVisitor('newcomer');
  const signsIn = async () => expect(await newcomer.signIn()).toMatchObject({ status: 200 });
  await vi.waitFor(signsIn, { timeout: recoversWithinMs, interval: 20 });
  for (const visitor of [...signedIn, newcomer]) {
    expect(await visitor.me()).toMatchObject({ status: 200, result: { userId: visitor.name } });
    expect(await visitor.increment()).toMatchObject({ status: 200, setCookies: [] });
    expect(await visitor.page()).toMatchObject({ status: 200, result: { userId: visitor.name } });
    expect(await visitor.hello()).toMatchObject({ status: 200 });
  }
  for (const visitor of world.visitors.filter(({ mayBeSignedOut }) => mayBeSignedOut)) {
    expect(await visitor.signOut()).toMatchObject({ status: 200 });
  }
  expect(await newcomer.signOut()).toMatchObject({ status: 200 });
}

/** Every acknowledged update is stored. An update without an acknowledgment is stored once or not at all. */
async function assertNothingLost({ visitors }: World): Promise<void> {
  for (const visitor of visitors.filter(({ isSignedIn }) => isSignedIn)) {
    const { result } = await visitor.me();
    expect(result.count).toBeGreaterThanOrEqual(visitor.acknowledged);
    expect(result.count).toBeLessThanOrEqual(visitor.acknowledged + visitor.unacknowledged);
  }
}

/** Ended sessions stay ended. A missing or forged cookie opens no session. */
async function assertEndedSessionsStayEnded(world: World): Promise<void> {
  for (const cookie of world.visitors.flatMap(({ endedCookies }) => endedCookies)) {
    const expired = { status: 401, refusal: { reason: 'expired' } };
    expect(await world.createUntrackedVisitor(cookie).me()).toMatchObject(expired);
  }
  const missing = { status: 401, refusal: { reason: 'missing' } };
  for (const visitor of world.visitors.filter(({ isSignedIn }) => isSignedIn)) {
    const forged = visitor.jar.header.replace(/.~2$/, (end) => (end === 'A~2' ? 'B~2' : 'A~2'));
    expect(await world.createUntrackedVisitor(forged).me()).toMatchObject(missing);
  }
  expect(await world.createUntrackedVisitor().me()).toMatchObject(missing);
}

/** Every key has a TTL, except those of neighbours. */
async function assertEveryKeyHasTtl({ admin }: World): Promise<void> {
  const keys = (await admin.keys('*')).filter((key) => !key.startsWith('neighbour:'));
  const endless = await Promise.all(keys.map(async (key) => ((await admin.pttl(key)) === -1 ? [key] : [])));
  expect(endless.flat()).toEqual([]);
}

/** Every store call settled in time. */
async function assertSettledInTime({ calls }: World): Promise<void> {
  const late = (await Promise.all(calls)).filter(({ overdueMs }) => overdueMs > slackMs);
  expect(late).toEqual([]);
}

/** No response confuses "signed out" with "unavailable", and only three routes set a cookie. */
function assertConsistentResponse({ who, route, status, refusal, result, setCookies }: AppResponse): void {
  const isGuarded = ['me', 'increment', 'page', 'regenerate'].includes(route);
  if (isGuarded && status === 200) expect(who).toMatchObject({ isSignedIn: true });
  if (status === 200 && result.userId !== undefined) expect(result.userId).toBe(who.name);
  if (status === 401 && isGuarded) expect(who.isSignedIn && !who.mayBeSignedOut).toBe(false);
  const code = route === 'page' ? status : { 401: 'UNAUTHORIZED', 503: 'SERVICE_UNAVAILABLE' }[status];
  if (status !== 200) expect(refusal).toMatchObject({ code });
  if (status === 503) expect(refusal).toMatchObject({ reason: 'unavailable' });
  const maySetCookie = status === 200 && ['signIn', 'regenerate', 'signOut'].includes(route);
  if (!maySetCookie) expect(setCookies).toEqual([]);
}

/** Responses show no internal detail. Events and errors show no token and no session data. */
async function assertNothingLeaked(world: World): Promise<void> {
  const { responses, events, errors, seals, options } = world;
  const tokens = await Promise.all([...seals].map((seal) => world.otherProcess.facts.carriers[0]?.open(seal)));
  const known = tokens.filter((token) => typeof token === 'string');
  const secrets = [...known, ...known.map(hashToken), ...world.listHashes(), diary, ...(options.passwords ?? [])];
  const sent = responses.map(({ text }) => text.replace(/^(set-cookie: ssid=)[^;]*/gm, '$1')).join('\n');
  expect(secrets.filter((secret) => sent.includes(secret))).toEqual([]);
  expect(sent.match(internalDetails)).toBeNull();
  const ports = [options.redis().port, ...(String(options.source).match(/(?<=:)\d+$/) ?? [])];
  expect(sent).not.toMatch(new RegExp(`\\b(${ports.join('|')})\\b`));
  const logged = inspect([events, errors], {
    depth: Number.POSITIVE_INFINITY,
    maxStringLength: null,
    maxArrayLength: null,
  });
  expect([...secrets, ...seals].filter((secret) => secret !== '' && logged.includes(secret))).toEqual([]);
}

/** Hosts, keys, commands, words of Redis and its client, stack traces. */
const internalDetails =
  /127\.0\.0\.1|localhost|session:|redis|\b(hmget|hset|hdel|hgetall|hexists|pexpire|pttl|eval|evalsha|script)\b|e(conn|timed|not|ai_)\w*(found|again|refused|reset|out)|retries|socket|\n\s+at |\.ts\b/i;
