import { describe, expect, test } from 'vitest';
import { anyOf, freshWithin, matches, refuse, type Verifier, type VerifierFacts } from 'trpc-session';
import { z } from 'zod';
import { verify } from '../src/core/verifier.ts';
import { accountSessions, ada, Browser } from './_support/sessions.ts';

const now = Date.UTC(2026, 0, 1);

function facts(data: unknown = ada, authenticatedAt = now): VerifierFacts {
  const clocks = { createdAt: now, authenticatedAt, lastSeenAt: now, expiresAt: now + 1000, idleMs: 500, idleExpiresAt: now + 500 };
  return { now, session: { data, id: 'id', revision: 1, device: null, ...clocks } };
}

/** What a guard with these verifiers comes to: 'passes', or the error's code and detail. */
async function outcome(verifiers: readonly Verifier<never>[], held: VerifierFacts = facts()): Promise<unknown> {
  return verify(verifiers, held).then(
    () => 'passes',
    ({ code, detail }: { code: string; detail?: string }) => (detail === undefined ? code : { code, detail }),
  );
}

describe('a verifier', () => {
  test('gets the data, the session and the time', async () => {
    const held = facts();
    const seen: unknown[] = [];
    await verify([(...args: unknown[]) => (seen.push(...args), true)], held);
    expect(seen).toEqual([ada, held]);
  });

  test.each<[string, Verifier<never>]>([
    ['a function', () => true],
    ['an asynchronous function', async () => true],
    ['a type guard', ((data: { role: string }): data is { role: 'member' } => data.role === 'member') as Verifier<never>],
  ])('passes with true: %s', async (_case, verifier) => {
    expect(await outcome([verifier])).toBe('passes');
  });

  test.each([false, null, undefined, 0, 1, 'true', 'yes', '', {}, [], [true], Object(true), Promise.resolve(false), Promise.resolve(1), new Error('x')])(
    'does not pass with %j',
    async (verdict) => {
      expect(await outcome([() => verdict as boolean])).toBe('REFUSED');
    },
  );

  test('must pass beside all others', async () => {
    expect(await outcome([])).toBe('passes');
    expect(await outcome([() => true, async () => true])).toBe('passes');
    expect(await outcome([() => true, () => false])).toBe('REFUSED');
    expect(await outcome([() => refuse('first'), () => refuse('second')])).toEqual({ code: 'REFUSED', detail: 'first' });
  });

  test('that throws or rejects is an error of its own, no refusal', async () => {
    const broken = (): never => {
      throw new RangeError('mine');
    };
    await expect(verify([broken], facts())).rejects.toThrow(RangeError);
    await expect(verify([async () => broken()], facts())).rejects.toThrow(RangeError);
    const browser = new Browser(accountSessions().sessions);
    await browser.request().start(ada);
    await expect(browser.request().require(broken)).rejects.toThrow(RangeError);
  });

  test('chooses its words and its code with refuse', async () => {
    expect(await outcome([() => refuse()])).toBe('REFUSED');
    expect(await outcome([() => refuse('members only')])).toEqual({ code: 'REFUSED', detail: 'members only' });
    expect(await outcome([() => refuse('confirm', { code: 'STALE' })])).toEqual({ code: 'STALE', detail: 'confirm' });
  });

  test("that returns somebody else's error object is a plain refusal", async () => {
    const databaseError = { code: '23505', detail: 'Key (email)=(ada@a.example) already exists.' };
    expect(await outcome([() => databaseError as never])).toBe('REFUSED');
    expect(await outcome([() => ({ code: 'REFUSED', detail: 7 }) as never])).toBe('REFUSED');
  });
});

describe('matches a pattern', () => {
  const data = { role: 'admin', plan: { name: 'pro', seats: 3 }, tags: ['a', 'b'], nothing: null, nan: Number.NaN, big: 1n, gone: undefined };

  test.each<[object]>([
    [{ role: 'admin' }],
    [{ plan: { name: 'pro' } }],
    [{ role: 'admin', plan: { seats: 3 } }],
    [{ tags: ['a', 'b'] }],
    [{ nothing: null }],
    [{ nan: Number.NaN }],
    [{ big: 1n }],
    [{ gone: undefined }],
  ])('%o', async (pattern) => {
    expect(await outcome([matches(pattern) as Verifier<never>], facts(data))).toBe('passes');
  });

  test.each<[object]>([
    [{ role: 'member' }],
    [{ role: 'ADMIN' }],
    [{ role: ['admin'] }],
    [{ plan: { name: 'pro', seats: 4 } }],
    [{ plan: { name: { length: 3 } } }],
    [{ plan: 'pro' }],
    [{ plan: null }],
    [{ tags: ['a'] }],
    [{ tags: ['b', 'a'] }],
    [{ tags: ['a', 'b', 'c'] }],
    [{ tags: [] }],
    [{ tags: {} }],
    [{ plan: [] }],
    [{ nothing: {} }],
    [{ nothing: undefined }],
    [{ absent: undefined }],
    [{ big: 1 }],
    [{ toString: Object.prototype.toString }],
    [{ constructor: Object }],
    [{ role: () => true }],
  ])('and does not match %o', async (pattern) => {
    expect(await outcome([matches(pattern) as Verifier<never>], facts(data))).toBe('REFUSED');
  });

  test.each([[new Date(0)], [new Map()], [new Set(['admin'])], [/admin/], [new (class Role {})()]])(
    'and refuses %o in one at once, since it would match anything',
    (value) => {
      expect(() => matches({ role: value })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
      expect(() => matches({ deep: [{ role: value }] })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    },
  );

  test.each([[null], ['admin'], [true], [undefined]])('and refuses %o for one', (pattern) => {
    expect(() => matches(pattern as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  test('of nobody knows what is no object', async () => {
    expect(await outcome([matches({ length: 5 }) as Verifier<never>], facts('admin'))).toBe('REFUSED');
    expect(await outcome([matches({ role: 'admin' }) as Verifier<never>], facts(null))).toBe('REFUSED');
  });
});

describe('matches a schema', () => {
  test('that accepts the data', async () => {
    expect(await outcome([matches(z.object({ role: z.literal('member') })) as Verifier<never>])).toBe('passes');
    expect(await outcome([matches(z.object({ visits: z.number().min(1) })) as Verifier<never>])).toBe('REFUSED');
  });

  test('also one that takes its time', async () => {
    const slow = (answer: boolean) => matches(z.object({}).refine(async () => answer)) as Verifier<never>;
    expect(await outcome([slow(true)])).toBe('passes');
    expect(await outcome([slow(false)])).toBe('REFUSED');
  });
});

describe('anyOf', () => {
  const [yes, no]: Verifier<never>[] = [() => true, () => false];

  test('passes with the first that does, and asks no further', async () => {
    const seen: number[] = [];
    const said = (at: number, verdict: boolean) => () => (seen.push(at), verdict);
    expect(await outcome([anyOf(said(1, false), said(2, true), said(3, true)) as Verifier<never>])).toBe('passes');
    expect(seen).toEqual([1, 2]);
  });

  test('refuses with the last words when none does', async () => {
    expect(await outcome([anyOf(no as Verifier<never>, no as Verifier<never>) as Verifier<never>])).toBe('REFUSED');
    const refusals = anyOf(() => refuse('one'), () => refuse('two'), no as Verifier<never>);
    expect(await outcome([refusals as Verifier<never>])).toEqual({ code: 'REFUSED', detail: 'two' });
  });

  test('lets nothing but true pass', async () => {
    expect(await outcome([anyOf((() => 1) as never, (() => 'true') as never) as Verifier<never>])).toBe('REFUSED');
  });

  test('does not swallow an error', async () => {
    const broken = (): never => {
      throw new RangeError('mine');
    };
    await expect(verify([anyOf(broken, yes as Verifier<never>) as Verifier<never>], facts())).rejects.toThrow(RangeError);
  });
});

describe('freshWithin', () => {
  test('passes up to the very millisecond, then asks for the password', async () => {
    expect(await outcome([freshWithin('10m')], facts(ada, now - 600_000))).toBe('passes');
    expect(await outcome([freshWithin('10m')], facts(ada, now - 600_001))).toBe('STALE');
  });

  test.each([0, -1, Number.NaN, Infinity, '1x', undefined])('refuses %s when it is built', (duration) => {
    expect(() => freshWithin(duration as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`freshWithin`') }),
    );
  });

  test('is satisfied by re-authentication, and not by use', async () => {
    const { sessions, clock } = accountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    clock.advance(3_600_000);
    await browser.request().get();
    await browser.request().regenerate();
    await expect(browser.request().require(freshWithin('10m'))).rejects.toMatchObject({ code: 'STALE' });
    await browser.request().regenerate({ reauthenticated: true });
    expect((await browser.request().require(freshWithin('10m'))).data).toEqual(ada);
  });
});
