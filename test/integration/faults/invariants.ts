import { inspect } from 'node:util';
import { afterEach, expect, vi } from 'vitest';
import { computeSlot, hashToken } from '../../../src/core/record/token.ts';
import type { RedisServer } from '../../_support/redis-server.ts';
import { diary } from './fault-app.ts';
import type { Answer, Visitor } from './visitor.ts';
import { World, type WorldOptions } from './world.ts';

/** What a call may take beyond its deadline. */
const slackMs = 250;
const healsWithinMs = 2_000;

const strays: unknown[] = [];
process.on('unhandledRejection', (reason) => strays.push(reason));
process.on('uncaughtExceptionMonitor', (error) => strays.push(error));

/** Opens worlds for the tests of a file, and holds each to the invariants when its test is over. */
export function worldsOn(redis: () => RedisServer): (options?: Partial<WorldOptions>) => Promise<World> {
  const open: World[] = [];
  afterEach(async () => {
    try {
      for (const world of open) await assertInvariants(world);
    } finally {
      for (const world of open.splice(0)) await world.close();
    }
  });
  return async (options) => {
    const world = await World.open({ redis, ...options });
    open.push(world);
    return world;
  };
}

/** Where a subject's sessions lie. */
export function keyOf(subject: string): string {
  return `session:{${computeSlot('session:', subject)}}`;
}

/** What every visitor is told while Redis cannot answer, and how soon. */
export async function expectOutage(world: World, visitor: Visitor): Promise<void> {
  const cookie = visitor.jar.header;
  const dead = world.visitors.flatMap(({ ended }) => ended).map((ended) => world.stranger(ended).me());
  const answers = await Promise.all([visitor.me(), visitor.bump(), visitor.page(), visitor.hello(), ...dead]);
  const [me, bump, page, hello] = answers;
  expect(me).toMatchObject({ status: 503, refusal: unavailable, setCookies: [] });
  expect(bump).toMatchObject({ status: 503, refusal: unavailable, setCookies: [] });
  expect(page).toMatchObject({ status: 503, refusal: { ...unavailable, code: 503 }, setCookies: [] });
  expect(hello).toMatchObject({ status: 200, setCookies: [] });
  for (const { overdueMs } of answers) expect(overdueMs).toBeLessThan(slackMs);
  for (const answer of await Promise.all(dead)) expect(answer).toMatchObject({ status: 503, refusal: unavailable });
  expect(visitor.jar.header).toBe(cookie);
  expect(await world.stranger().me()).toMatchObject({ status: 401, refusal: { reason: 'missing' } });
}

const unavailable = { code: 'SERVICE_UNAVAILABLE', reason: 'unavailable' };

/** What holds after every fault, once it is over. */
async function assertInvariants(world: World): Promise<void> {
  await assertHealed(world);
  await assertNothingLost(world);
  await assertDeadStayDead(world);
  await assertEveryKeyEnds(world);
  await assertSettledInTime(world);
  await assertNothingLeaked(world);
  for (const answer of world.answers) assertProper(answer);
  expect(strays).toEqual([]);
}

/** I6: everything works again, with the same cookies and without a restart. */
async function assertHealed(world: World): Promise<void> {
  const living = world.visitors.filter(({ isSignedIn, mayBeGone }) => isSignedIn && !mayBeGone);
  const newcomer = world.visitor('newcomer');
  const works = async () => expect(await newcomer.signIn()).toMatchObject({ status: 200 });
  await vi.waitFor(works, { timeout: healsWithinMs, interval: 20 });
  for (const visitor of [...living, newcomer]) {
    expect(await visitor.me()).toMatchObject({ status: 200, result: { userId: visitor.name } });
    expect(await visitor.bump()).toMatchObject({ status: 200, setCookies: [] });
    expect(await visitor.page()).toMatchObject({ status: 200, result: { userId: visitor.name } });
    expect(await visitor.hello()).toMatchObject({ status: 200 });
  }
  for (const visitor of world.visitors.filter(({ mayBeGone }) => mayBeGone)) {
    expect(await visitor.signOut()).toMatchObject({ status: 200 });
  }
  expect(await newcomer.signOut()).toMatchObject({ status: 200 });
}

/** I7: what was reported as success is there; what was not reported may be there once. */
async function assertNothingLost({ visitors }: World): Promise<void> {
  for (const visitor of visitors.filter(({ isSignedIn }) => isSignedIn)) {
    const { result } = await visitor.me();
    expect(result.count).toBeGreaterThanOrEqual(visitor.acknowledged);
    expect(result.count).toBeLessThanOrEqual(visitor.acknowledged + visitor.unknown);
  }
}

/** I1 and I2: who signed out, or never signed in, is nobody. */
async function assertDeadStayDead(world: World): Promise<void> {
  for (const cookie of world.visitors.flatMap(({ ended }) => ended)) {
    expect(await world.stranger(cookie).me()).toMatchObject({ status: 401, refusal: { reason: 'expired' } });
  }
  for (const visitor of world.visitors.filter(({ isSignedIn }) => isSignedIn)) {
    const forged = visitor.jar.header.replace(/.~2$/, (end) => (end === 'A~2' ? 'B~2' : 'A~2'));
    expect(await world.stranger(forged).me()).toMatchObject({ status: 401, refusal: { reason: 'missing' } });
  }
  expect(await world.stranger().me()).toMatchObject({ status: 401, refusal: { reason: 'missing' } });
}

/** I3: no key without a TTL, but a neighbour's. */
async function assertEveryKeyEnds({ admin }: World): Promise<void> {
  const keys = (await admin.keys('*')).filter((key) => !key.startsWith('neighbour:'));
  const endless = await Promise.all(keys.map(async (key) => ((await admin.pttl(key)) === -1 ? [key] : [])));
  expect(endless.flat()).toEqual([]);
}

/** I4: every call of the store settled in time. */
async function assertSettledInTime({ calls }: World): Promise<void> {
  const late = (await Promise.all(calls)).filter(({ overdueMs }) => overdueMs > slackMs);
  expect(late).toEqual([]);
}

/** I2, and what an outage looks like: no answer confuses "nobody" with "cannot tell", and only three routes set a cookie. */
function assertProper({ who, route, status, refusal, result, setCookies }: Answer): void {
  const isGuarded = ['me', 'bump', 'page', 'renew'].includes(route);
  if (isGuarded && status === 200) expect(who).toMatchObject({ isSignedIn: true });
  if (status === 200 && result.userId !== undefined) expect(result.userId).toBe(who.name);
  if (status === 401 && isGuarded) expect(who.isSignedIn && !who.mayBeGone).toBe(false);
  const code = route === 'page' ? status : { 401: 'UNAUTHORIZED', 503: 'SERVICE_UNAVAILABLE' }[status];
  if (status !== 200) expect(refusal).toMatchObject({ code });
  if (status === 503) expect(refusal).toMatchObject({ reason: 'unavailable' });
  const mayTakeCookie = status === 200 && ['signIn', 'renew', 'signOut'].includes(route);
  if (!mayTakeCookie) expect(setCookies).toEqual([]);
}

/** I8: clients learn nothing of how it works inside, and logs nothing that opens or is inside a session. */
async function assertNothingLeaked(world: World): Promise<void> {
  const { answers, events, errors, hashes, seals, options } = world;
  const tokens = await Promise.all([...seals].map((seal) => world.elsewhere.facts.carriers()[0]?.open(seal)));
  const known = tokens.filter((token) => typeof token === 'string');
  const secrets = [...known, ...known.map(hashToken), ...hashes, diary, ...(options.passwords ?? [])];
  const told = answers.map(({ text }) => text.replace(/^(set-cookie: ssid=)[^;]*/gm, '$1')).join('\n');
  expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
  expect(told.match(internals)).toBeNull();
  const ports = [options.redis().port, ...(String(options.source).match(/(?<=:)\d+$/) ?? [])];
  expect(told).not.toMatch(new RegExp(`\\b(${ports.join('|')})\\b`));
  const logged = inspect([events, errors], {
    depth: Number.POSITIVE_INFINITY,
    maxStringLength: null,
    maxArrayLength: null,
  });
  expect([...secrets, ...seals].filter((secret) => secret !== '' && logged.includes(secret))).toEqual([]);
}

/** Hosts, keys, commands, words of Redis and its client, stacks. */
const internals =
  /127\.0\.0\.1|localhost|session:|redis|\b(hmget|hset|hdel|hgetall|hexists|pexpire|pttl|eval|evalsha|script)\b|e(conn|timed|not|ai_)\w*(found|again|refused|reset|out)|retries|socket|\n\s+at |\.ts\b/i;
