import { anyOf, freshWithin, refuse, type Verifier } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { runVerifiers } from '../src/core/ports/verifier.ts';
import { ada, Browser, createAccountSessions } from './_support/sessions.ts';
import { createFacts, getVerdict, now } from './_support/verdicts.ts';

describe('a verifier', () => {
  test('gets the data, the session and the time', async () => {
    const held = createFacts();
    const seen: unknown[] = [];
    await runVerifiers([(...args: unknown[]) => seen.push(...args) > 0], held);
    expect(seen).toEqual([ada, held]);
  });

  test.each<[string, Verifier<never>]>([
    ['a function', () => true],
    ['an asynchronous function', async () => true],
    [
      'a type guard',
      ((data: { role: string }): data is { role: 'member' } => data.role === 'member') as Verifier<never>,
    ],
  ])('passes with true: %s', async (_case, verifier) => {
    expect(await getVerdict([verifier])).toBe('passes');
  });

  test.each([
    false,
    null,
    undefined,
    0,
    1,
    'true',
    'yes',
    '',
    {},
    [],
    [true],
    Object(true),
    Promise.resolve(false),
    Promise.resolve(1),
    new Error('x'),
  ])('does not pass with %j', async (verdict) => {
    expect(await getVerdict([() => verdict as boolean])).toBe('REFUSED');
  });

  test('must pass beside all others', async () => {
    expect(await getVerdict([])).toBe('passes');
    expect(await getVerdict([() => true, async () => true])).toBe('passes');
    expect(await getVerdict([() => true, () => false])).toBe('REFUSED');
    expect(await getVerdict([() => refuse('first'), () => refuse('second')])).toEqual({
      code: 'REFUSED',
      detail: 'first',
    });
  });

  test('that throws or rejects is an error of its own, no refusal', async () => {
    const broken = (): never => {
      throw new RangeError('mine');
    };
    await expect(runVerifiers([broken], createFacts())).rejects.toThrow(RangeError);
    await expect(runVerifiers([async () => broken()], createFacts())).rejects.toThrow(RangeError);
    const browser = new Browser(createAccountSessions().sessions);
    await browser.request().start(ada);
    await expect(browser.request().require(broken)).rejects.toThrow(RangeError);
  });

  test('chooses its words and its code with refuse', async () => {
    expect(await getVerdict([() => refuse()])).toBe('REFUSED');
    expect(await getVerdict([() => refuse('members only')])).toEqual({ code: 'REFUSED', detail: 'members only' });
    expect(await getVerdict([() => refuse('confirm', { code: 'STALE' })])).toEqual({
      code: 'STALE',
      detail: 'confirm',
    });
  });

  test("that returns somebody else's error object is a plain refusal", async () => {
    const databaseError = { code: '23505', detail: 'Key (email)=(ada@a.example) already exists.' };
    expect(await getVerdict([() => databaseError as never])).toBe('REFUSED');
    expect(await getVerdict([() => ({ code: 'REFUSED', detail: 7 }) as never])).toBe('REFUSED');
  });
});

describe('anyOf', () => {
  const [yes, no]: Verifier<never>[] = [() => true, () => false];

  test('passes with the first that does, and asks no further', async () => {
    const seen: number[] = [];
    const said = (at: number, verdict: boolean) => () => seen.push(at) > 0 && verdict;
    expect(await getVerdict([anyOf(said(1, false), said(2, true), said(3, true)) as Verifier<never>])).toBe('passes');
    expect(seen).toEqual([1, 2]);
  });

  test('refuses with the last words when none does', async () => {
    expect(await getVerdict([anyOf(no as Verifier<never>, no as Verifier<never>) as Verifier<never>])).toBe('REFUSED');
    const refusals = anyOf(
      () => refuse('one'),
      () => refuse('two'),
      no as Verifier<never>,
    );
    expect(await getVerdict([refusals as Verifier<never>])).toEqual({ code: 'REFUSED', detail: 'two' });
  });

  test('lets nothing but true pass', async () => {
    expect(await getVerdict([anyOf((() => 1) as never, (() => 'true') as never) as Verifier<never>])).toBe('REFUSED');
  });

  test('does not swallow an error', async () => {
    const broken = (): never => {
      throw new RangeError('mine');
    };
    await expect(
      runVerifiers([anyOf(broken, yes as Verifier<never>) as Verifier<never>], createFacts()),
    ).rejects.toThrow(RangeError);
  });
});

describe('freshWithin', () => {
  test('passes up to the very millisecond, then asks for the password', async () => {
    expect(await getVerdict([freshWithin('10m')], createFacts(ada, now - 600_000))).toBe('passes');
    expect(await getVerdict([freshWithin('10m')], createFacts(ada, now - 600_001))).toBe('STALE');
  });

  test.each([0, -1, Number.NaN, Infinity, '1x', undefined])('refuses %s when it is built', (duration) => {
    expect(() => freshWithin(duration as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`freshWithin`') }),
    );
  });

  test('is satisfied by re-authentication, and not by use', async () => {
    const { sessions, clock } = createAccountSessions();
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
