import { isDeepStrictEqual } from 'node:util';
import type { AsyncCommand } from 'fast-check';
import { expect } from 'vitest';
import { type Edit, type Expected, firstData, type Model, type Modelled, type SignIn, times } from './model.ts';
import { type Client, told } from './model-client.ts';

/** One thing that happens: to the model, and for real. Throws where the two differ. */
export type Happening = (model: Model, client: Client) => Promise<void>;

export class Command implements AsyncCommand<Model, Client> {
  readonly #text: string;
  readonly #happen: Happening;

  constructor(text: string, happen: Happening) {
    this.#text = text;
    this.#happen = happen;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, client: Client): Promise<void> {
    await this.#happen(model, client);
    await browsersAgree(model, client);
  }

  toString(): string {
    return this.#text;
  }
}

/** Compares first and explains only a difference: the explanation is what costs time. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

/** What a browser gets to see now, without keeping anything alive. */
async function browsersAgree(model: Model, client: Client): Promise<void> {
  const seen = await Promise.all(model.jars.map((jar) => client.request(jar).handle.get({ passive: true })));
  const expected = model.jars.map((jar) => model.find(jar));
  same(
    seen.map((session) => session && factsOf(session, client)),
    expected.map((session) => session && factsOf(session, client)),
  );
}

type Facts = Omit<Modelled, 'credential' | 'previous'>;

/** The clocks belong to it where the test holds the clock. */
function factsOf(session: Facts, { place }: Client): unknown {
  const { id, revision, data } = session;
  if (!place.ownClock) return { id, revision, data };
  const { createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs } = session;
  return { id, revision, data, clocks: { createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs } };
}

/** No two sessions begin in the same millisecond, nor are seen first in it: their order shows in lists and limits. */
async function tick(model: Model, client: Client): Promise<void> {
  await client.tick();
  model.now += 1;
}

export async function signIn(model: Model, client: Client, browser: number, how: SignIn): Promise<void> {
  await tick(model, client);
  const plan = model.startPlan(browser, how);
  const { handle, handed } = client.request(model.jars[browser] ?? null);
  const terms = how.brief ? { idle: times.briefIdleMs, absolute: times.briefMs } : {};
  const beginning = how.carry ? (old: Modelled['data'] | null) => firstData(how.user, old) : firstData(how.user, null);
  const started = handle.start(beginning, terms);
  if ('refused' in plan) return same(await told(started), plan);
  const { session, token } = await started;
  same(model.ids.includes(session.id), false);
  same(model.issued.includes(handed(token)), false);
  model.end(plan.ends);
  model.begin(browser, plan.data, { id: session.id, credential: handed(token), brief: how.brief });
}

export async function update(model: Model, client: Client, browser: number, what: Edit): Promise<void> {
  const { handle } = client.request(model.jars[browser] ?? null);
  const session = model.ofBrowser(browser);
  const next = 'refused' in session ? session : model.edited(session, what);
  const theme = 'refused' in session ? 'none' : `${session.data.theme}!`;
  const changes = {
    theme: () => handle.update({ theme }),
    count: () => handle.update((old) => ({ ...old, count: old.count + 1 })),
    subject: () => handle.update({ user: 'somebody else' }),
    nonsense: () => handle.update({ theme: 1 as never }),
  };
  const changed = changes[what]();
  if ('refused' in session || 'refused' in next) return same(await told(changed), next);
  model.write(session, next);
  same(factsOf(await changed, client), factsOf(session, client));
}

export async function regenerate(model: Model, client: Client, browser: number, again: boolean): Promise<void> {
  if (again) await tick(model, client);
  const session = model.ofBrowser(browser);
  const { handle, handed } = client.request(model.jars[browser] ?? null);
  const regenerated = handle.regenerate({ reauthenticated: again });
  if ('refused' in session) return same(await told(regenerated), session);
  const { session: snapshot, token } = await regenerated;
  same(model.issued.includes(handed(token)), false);
  model.renew(session, again);
  model.hand(browser, handed(token), session);
  same(factsOf(snapshot, client), factsOf(session, client));
}

export async function signOut(model: Model, client: Client, browser: number): Promise<void> {
  const session = model.findToEnd(model.jars[browser] ?? null);
  const { handle } = client.request(model.jars[browser] ?? null);
  same(await handle.destroy(), { cookieCleared: model.clears });
  if (session) model.end([session]);
  model.signOut(browser);
}

export async function look(model: Model, client: Client, browser: number, how: 'passive' | 'active' | 'require') {
  const session = model.ofBrowser(browser);
  const { handle } = client.request(model.jars[browser] ?? null);
  const seen = how === 'require' ? handle.require() : handle.get({ passive: how === 'passive' });
  const absent: Expected = how === 'require' && 'refused' in session ? session : { answer: null };
  if ('refused' in session) return same(await told(seen), absent);
  const snapshot = await seen;
  same(snapshot && factsOf(snapshot, client), factsOf(session, client));
  if (how !== 'passive') model.touch(session);
}

/** The current one first, then the last seen first; equally long ago, the oldest first. */
export async function list(model: Model, client: Client, browser: number): Promise<void> {
  const session = model.ofBrowser(browser);
  const listed = client.request(model.jars[browser] ?? null).handle.list();
  if ('refused' in session) return same(await told(listed), session);
  const rank = (one: Modelled): number => (one === session ? Number.MAX_SAFE_INTEGER : one.lastSeenAt);
  const family = model.family(session).sort((a, b) => rank(b) - rank(a));
  const expected = family.map(({ id }) => ({ id, current: id === session.id }));
  same(
    (await listed).map(({ id, current }) => ({ id, current })),
    expected,
  );
}

export async function revoke(model: Model, client: Client, browser: number, which: number): Promise<void> {
  const id = model.ids[which % Math.max(1, model.ids.length)] ?? 'an id that never was';
  const session = model.ofBrowser(browser);
  const revoked = client.request(model.jars[browser] ?? null).handle.revoke(id);
  if ('refused' in session) return same(await told(revoked), session);
  const ended = model.family(session).filter((one) => one.id === id);
  same(await revoked, ended.length > 0);
  model.end(ended);
  if (id === session.id) model.signOut(browser);
}

export async function revokeOthers(model: Model, client: Client, browser: number): Promise<void> {
  const session = model.ofBrowser(browser);
  const revoked = client.request(model.jars[browser] ?? null).handle.revokeOthers();
  if ('refused' in session) return same(await told(revoked), session);
  const ended = model.family(session).filter((one) => one !== session);
  same(await revoked, ended.length);
  model.end(ended);
}

export async function administer(model: Model, client: Client, how: { name: string; all: boolean; which: number }) {
  const { name: user, all } = how;
  const subject = client.manager.of(user);
  same(
    (await subject.list()).map(({ id }) => id),
    model.ofUser(user).map(({ id }) => id),
  );
  const id = model.ids[how.which % Math.max(1, model.ids.length)] ?? 'an id that never was';
  const ended = model.ofUser(user).filter((one) => all || one.id === id);
  same(all ? await subject.revokeAll() : await subject.revoke(id), all ? ended.length : ended.length > 0);
  model.end(ended);
}

/** Several writes on one handle, none waiting for the one before: they run in the order of their calls. */
export async function severalAtOnce(
  model: Model,
  client: Client,
  browser: number,
  steps: readonly ('count' | 'regenerate')[],
) {
  const session = model.ofBrowser(browser);
  const { handle, handed } = client.request(model.jars[browser] ?? null);
  const answers = steps.map((step) => {
    if (step === 'count')
      return handle.update((old) => ({ ...old, count: old.count + 1 })).then(({ revision }) => revision);
    return handle
      .regenerate()
      .then((issued) => ({ revision: issued.session.revision, credential: handed(issued.token) }));
  });
  if ('refused' in session) {
    return same(
      await Promise.all(answers.map(told)),
      steps.map(() => session),
    );
  }
  for (const [at, answer] of (await Promise.all(answers)).entries()) {
    if (steps[at] === 'count') model.write(session, { ...session.data, count: session.data.count + 1 });
    else model.renew(session, false);
    const { revision, credential } = typeof answer === 'number' ? { revision: answer, credential: null } : answer;
    same(revision, session.revision);
    if (credential !== null) model.hand(browser, credential, session);
  }
}

export async function wait(model: Model, { place }: Client, ms: number): Promise<void> {
  place.advance(ms);
  model.now += ms;
}

/** Stays for a while, looking often enough to stay signed in: only the absolute end can end that. */
export async function linger(model: Model, client: Client, browser: number, looks: number): Promise<void> {
  for (let count = 0; count < looks; count += 1) {
    await wait(model, client, times.briefIdleMs - 1);
    await look(model, client, browser, 'active');
  }
}

export async function replay(model: Model, browser: number, which: number): Promise<void> {
  const old = model.issued[which % Math.max(1, model.issued.length)];
  if (old !== undefined) model.jars[browser] = old;
}
