import { isDeepStrictEqual } from 'node:util';
import type { AsyncCommand } from 'fast-check';
import { expect } from 'vitest';
import {
  createFirstData,
  type Edit,
  type Expected,
  type Model,
  type ModelSession,
  type SignIn,
  times,
} from './model.ts';
import { type Client, settle } from './model-client.ts';

/** Does one thing to the model and to the library. Throws if the results differ. */
export type Step = (model: Model, client: Client) => Promise<void>;

export class Command implements AsyncCommand<Model, Client> {
  readonly #text: string;
  readonly #step: Step;

  constructor(text: string, step: Step) {
    this.#text = text;
    this.#step = step;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, client: Client): Promise<void> {
    await this.#step(model, client);
    await expectSameSessions(model, client);
  }

  toString(): string {
    return this.#text;
  }
}

/** Compares cheaply, and calls the slow `expect` only to explain a difference. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

/** Reads the session of each browser without a touch. */
async function expectSameSessions(model: Model, client: Client): Promise<void> {
  const found = await Promise.all(model.jars.map((jar) => client.request(jar).handle.get({ passive: true })));
  const expected = model.jars.map((jar) => model.find(jar));
  expectSame(
    found.map((session) => session && pickFacts(session, client)),
    expected.map((session) => session && pickFacts(session, client)),
  );
  await expectSameEndings(model, client, model.jars);
}

/** Compares what is read with credentials that open no session: why it ended. */
export async function expectSameEndings(
  model: Model,
  client: Client,
  credentials: readonly (string | null)[],
): Promise<void> {
  const absent = credentials.filter((credential) => credential !== null && !model.find(credential));
  const views = await Promise.all(absent.map((credential) => client.request(credential).handle.view()));
  expectSame(
    views.map((view) => view.status === 'unauthenticated' && view.ended),
    absent.map((credential) => model.findEnding(credential)),
  );
}

type Facts = Omit<ModelSession, 'credential' | 'previous'>;

/** What is compared: with the test's clock, also the times. */
function pickFacts(session: Facts, { backend }: Client): unknown {
  const { id, revision, data } = session;
  if (!backend.hasTestClock) return { id, revision, data };
  const { createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs } = session;
  return { id, revision, data, clocks: { createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs } };
}

/** Lets a millisecond pass, so that lists and limits have one possible order. */
async function tick(model: Model, client: Client): Promise<void> {
  await client.tick();
  model.now += 1;
}

export async function signIn(model: Model, client: Client, browser: number, how: SignIn): Promise<void> {
  await tick(model, client);
  const plan = model.planSignIn(browser, how);
  const { handle, getCredential } = client.request(model.jars[browser] ?? null);
  const short = { idle: `${times.shortIdleMs}ms`, absolute: `${times.shortAbsoluteMs}ms` } as const;
  const lifetimes = how.isShort ? short : {};
  const data = how.carry
    ? (old: ModelSession['data'] | null) => createFirstData(how.user, old)
    : createFirstData(how.user, null);
  const started = handle.start(data, lifetimes);
  if ('rejected' in plan) return expectSame(await settle(started), plan);
  const { session, token } = await started;
  expectSame(model.ids.includes(session.id), false);
  expectSame(model.issued.includes(getCredential(token)), false);
  model.end(plan.replaced, 'replaced');
  model.end(plan.evicted, 'evicted');
  model.signIn(browser, plan.data, { id: session.id, credential: getCredential(token), isShort: how.isShort });
}

export async function update(model: Model, client: Client, browser: number, edit: Edit): Promise<void> {
  const { handle } = client.request(model.jars[browser] ?? null);
  const session = model.getForBrowser(browser);
  const next = 'rejected' in session ? session : model.applyEdit(session, edit);
  const theme = 'rejected' in session ? 'none' : `${session.data.theme}!`;
  const updates = {
    theme: () => handle.update({ theme }),
    count: () => handle.update((old) => ({ ...old, count: old.count + 1 })),
    subject: () => handle.update({ user: 'another user' }),
    invalid: () => handle.update({ theme: 1 as never }),
  };
  const updated = updates[edit]();
  if ('rejected' in session || 'rejected' in next) return expectSame(await settle(updated), next);
  model.write(session, next);
  expectSame(pickFacts(await updated, client), pickFacts(session, client));
}

export async function regenerate(
  model: Model,
  client: Client,
  browser: number,
  reauthenticated: boolean,
): Promise<void> {
  if (reauthenticated) await tick(model, client);
  const session = model.getForBrowser(browser);
  const { handle, getCredential } = client.request(model.jars[browser] ?? null);
  const regenerated = handle.regenerate({ reauthenticated });
  if ('rejected' in session) return expectSame(await settle(regenerated), session);
  const { session: snapshot, token } = await regenerated;
  expectSame(model.issued.includes(getCredential(token)), false);
  model.regenerate(session, reauthenticated);
  model.issue(browser, getCredential(token), session);
  expectSame(pickFacts(snapshot, client), pickFacts(session, client));
}

export async function signOut(model: Model, client: Client, browser: number): Promise<void> {
  const session = model.findToEnd(model.jars[browser] ?? null);
  const { handle } = client.request(model.jars[browser] ?? null);
  expectSame(await handle.destroy(), { cookieCleared: model.clearsCredential });
  if (session) model.end([session], 'signed-out');
  model.clearCredential(browser);
}

export async function read(model: Model, client: Client, browser: number, how: 'passive' | 'active' | 'require') {
  const session = model.getForBrowser(browser);
  const { handle } = client.request(model.jars[browser] ?? null);
  const found = how === 'require' ? handle.require() : handle.get({ passive: how === 'passive' });
  const absent: Expected = how === 'require' && 'rejected' in session ? session : { result: null };
  if ('rejected' in session) return expectSame(await settle(found), absent);
  const snapshot = await found;
  expectSame(snapshot && pickFacts(snapshot, client), pickFacts(session, client));
  if (how !== 'passive') model.touch(session);
}

/** Expects the current session first, then the others by their last use, and the older one first if that is equal. */
export async function list(model: Model, client: Client, browser: number): Promise<void> {
  const session = model.getForBrowser(browser);
  const listed = client.request(model.jars[browser] ?? null).handle.list();
  if ('rejected' in session) return expectSame(await settle(listed), session);
  const rank = (one: ModelSession): number => (one === session ? Number.MAX_SAFE_INTEGER : one.lastSeenAt);
  const family = model.listFamily(session).sort((a, b) => rank(b) - rank(a));
  const expected = family.map(({ id }) => ({ id, current: id === session.id }));
  expectSame(
    (await listed).map(({ id, current }) => ({ id, current })),
    expected,
  );
}

export async function revoke(model: Model, client: Client, browser: number, which: number): Promise<void> {
  const id = pickId(model, which);
  const session = model.getForBrowser(browser);
  const revoked = client.request(model.jars[browser] ?? null).handle.revoke(id);
  if ('rejected' in session) return expectSame(await settle(revoked), session);
  const ended = model.listFamily(session).filter((one) => one.id === id);
  expectSame(await revoked, ended.length > 0);
  model.end(ended, 'revoked');
  if (id === session.id) model.clearCredential(browser);
}

export async function revokeOthers(model: Model, client: Client, browser: number): Promise<void> {
  const session = model.getForBrowser(browser);
  const revoked = client.request(model.jars[browser] ?? null).handle.revokeOthers();
  if ('rejected' in session) return expectSame(await settle(revoked), session);
  const ended = model.listFamily(session).filter((one) => one !== session);
  expectSame(await revoked, ended.length);
  model.end(ended, 'revoked');
}

export async function administer(model: Model, client: Client, how: { user: string; all: boolean; which: number }) {
  const { user, all } = how;
  const subject = client.manager.of(user);
  expectSame(
    (await subject.list()).map(({ id }) => id),
    model.listForUser(user).map(({ id }) => id),
  );
  const id = pickId(model, how.which);
  const ended = model.listForUser(user).filter((one) => all || one.id === id);
  expectSame(all ? await subject.revokeAll() : await subject.revoke(id), all ? ended.length : ended.length > 0);
  model.end(ended, 'revoked');
}

/** Changes every session of a user from outside, and lists their data. */
export async function updateAll(model: Model, client: Client, user: string, edit: Edit): Promise<void> {
  const subject = client.manager.of(user);
  const family = model.listForUser(user);
  const changes = {
    theme: { theme: 'of all' },
    count: (old: ModelSession['data']) => ({ ...old, count: old.count + 1 }),
    subject: { user: 'another user' },
    invalid: { theme: 1 as never },
  };
  const updated = subject.update(changes[edit]);
  const [refused] = family.map((session) => model.applyEdit(session, edit)).filter((next) => 'rejected' in next);
  if (refused) return expectSame(await settle(updated), refused);
  for (const session of family) {
    model.write(
      session,
      edit === 'theme' ? { ...session.data, theme: 'of all' } : { ...session.data, count: session.data.count + 1 },
    );
  }
  expectSame(await updated, family.length);
  expectSame(
    (await subject.list({ data: true })).map(({ id, data }) => ({ id, data })),
    family.map(({ id, data }) => ({ id, data })),
  );
}

/** Counts the sessions of all users and guests, and may end all of them. */
export async function administerEverybody(model: Model, client: Client, ends: boolean): Promise<void> {
  const live = model.sessions.filter((session) => model.isLive(session));
  expectSame(await client.manager.count(), live.length);
  if (!ends) return;
  let count = 0;
  for await (const user of client.manager.scan()) count += await user.revokeAll();
  expectSame(count, live.length);
  model.end(live, 'revoked');
}

function pickId({ ids }: Model, which: number): string {
  return ids[which % Math.max(1, ids.length)] ?? 'an unknown id';
}

/** Makes several writes on one handle without waiting in between. They must run in the order of their calls. */
export async function writeAtOnce(
  model: Model,
  client: Client,
  browser: number,
  writes: readonly ('count' | 'regenerate')[],
) {
  const session = model.getForBrowser(browser);
  const { handle, getCredential } = client.request(model.jars[browser] ?? null);
  const results = writes.map((write) => {
    if (write === 'count')
      return handle.update((old) => ({ ...old, count: old.count + 1 })).then(({ revision }) => revision);
    return handle
      .regenerate()
      .then((issued) => ({ revision: issued.session.revision, credential: getCredential(issued.token) }));
  });
  if ('rejected' in session) {
    return expectSame(
      await Promise.all(results.map(settle)),
      writes.map(() => session),
    );
  }
  for (const [at, result] of (await Promise.all(results)).entries()) {
    if (writes[at] === 'count') model.write(session, { ...session.data, count: session.data.count + 1 });
    else model.regenerate(session, false);
    const { revision, credential } = typeof result === 'number' ? { revision: result, credential: null } : result;
    expectSame(revision, session.revision);
    if (credential !== null) model.issue(browser, credential, session);
  }
}

export async function wait(model: Model, { backend }: Client, ms: number): Promise<void> {
  backend.advance(ms);
  model.now += ms;
}

/** Reads the session often enough that only the absolute deadline can end it. */
export async function stayActive(model: Model, client: Client, browser: number, reads: number): Promise<void> {
  for (let count = 0; count < reads; count += 1) {
    await wait(model, client, times.shortIdleMs - 1);
    await read(model, client, browser, 'active');
  }
}

/** Puts an earlier credential into a browser. */
export async function reuseCredential(model: Model, browser: number, which: number): Promise<void> {
  const old = model.issued[which % Math.max(1, model.issued.length)];
  if (old !== undefined) model.jars[browser] = old;
}
