import { anyOf, freshWithin, refuse, type Verifier } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { runVerifiers } from '../src/core/ports/verifier.ts';
import { ada, Browser, createAccountSessions } from './_support/sessions.ts';
import { createFacts, getVerdict, now } from './_support/verdicts.ts';

describe('a verifier', () => {
  test('receives the data, the session and the time', async () => {
    const facts = createFacts();
    const received: unknown[] = [];
    await runVerifiers([(...args: unknown[]) => received.push(...args) > 0], facts);
    expect(received).toEqual([ada, facts]);
  });

  test.each<[string, Verifier<never>]>([
    ['a function', () => true],
    ['an asynchronous function', async () => true],
    [
      'a type guard',
      ((data: { role: string }): data is { role: 'member' } => data.role === 'member') as Verifier<never>,
    ],
  ])('passes if it returns true: %s', async (_case, verifier) => {
    expect(await getVerdict([verifier])).toBe('passes');
  });

  test.each<[string, unknown]>([
    ['false', false],
    ['null', null],
    ['undefined', undefined],
    ['0', 0],
    ['1', 1],
    ["'true'", 'true'],
    ["'yes'", 'yes'],
    ['an empty string', ''],
    ['an object', {}],
    ['an empty array', []],
    ['an array with true', [true]],
    ['a Boolean object', Object(true)],
    ['a promise of false', Promise.resolve(false)],
    ['a promise of 1', Promise.resolve(1)],
    ['an error', new Error('x')],
  ])('refuses if it returns %s', async (_case, verdict) => {
    expect(await getVerdict([() => verdict as boolean])).toBe('REFUSED');
  });

  test('is one of several that must all pass, and the first refusal counts', async () => {
    expect(await getVerdict([])).toBe('passes');
    expect(await getVerdict([() => true, async () => true])).toBe('passes');
    expect(await getVerdict([() => true, () => false])).toBe('REFUSED');
    expect(await getVerdict([() => refuse('first'), () => refuse('second')])).toEqual({
      code: 'REFUSED',
      detail: 'first',
    });
  });

  test('passes its own error on to the caller if it throws or rejects', async () => {
    const broken = (): never => {
      throw new RangeError('mine');
    };
    expect(() => runVerifiers([broken], createFacts())).toThrow(RangeError);
    await expect(runVerifiers([async () => broken()], createFacts())).rejects.toThrow(RangeError);
    const browser = new Browser(createAccountSessions().sessions);
    await browser.request().start(ada);
    await expect(browser.request().require(broken)).rejects.toThrow(RangeError);
  });

  test('sets the detail and the code of the error with refuse', async () => {
    expect(await getVerdict([() => refuse()])).toBe('REFUSED');
    expect(await getVerdict([() => refuse('members only')])).toEqual({ code: 'REFUSED', detail: 'members only' });
    expect(await getVerdict([() => refuse('confirm', { code: 'STALE' })])).toEqual({
      code: 'STALE',
      detail: 'confirm',
    });
  });

  test('refuses without a detail if it returns an unrelated error object', async () => {
    const databaseError = { code: '23505', detail: 'Key (email)=(ada@a.example) already exists.' };
    expect(await getVerdict([() => databaseError as never])).toBe('REFUSED');
    expect(await getVerdict([() => ({ code: 'REFUSED', detail: 7 }) as never])).toBe('REFUSED');
  });
});

describe('anyOf', () => {
  const [yes, no]: Verifier<never>[] = [() => true, () => false];

  test('stops at the first verifier that passes', async () => {
    const called: number[] = [];
    const createVerifier = (number: number, verdict: boolean) => () => called.push(number) > 0 && verdict;
    const verifiers = [createVerifier(1, false), createVerifier(2, true), createVerifier(3, true)] as const;
    expect(await getVerdict([anyOf(...verifiers) as Verifier<never>])).toBe('passes');
    expect(called).toEqual([1, 2]);
  });

  test('fails with the last refusal if no verifier passes', async () => {
    expect(await getVerdict([anyOf(no as Verifier<never>, no as Verifier<never>) as Verifier<never>])).toBe('REFUSED');
    const refusals = anyOf(
      () => refuse('one'),
      () => refuse('two'),
      no as Verifier<never>,
    );
    expect(await getVerdict([refusals as Verifier<never>])).toEqual({ code: 'REFUSED', detail: 'two' });
  });

  test('passes only if a verifier returns true', async () => {
    expect(await getVerdict([anyOf((() => 1) as never, (() => 'true') as never) as Verifier<never>])).toBe('REFUSED');
  });

  test('passes the error of a verifier on to the caller', async () => {
    const broken = (): never => {
      throw new RangeError('mine');
    };
    await expect(
      runVerifiers([anyOf(broken, yes as Verifier<never>) as Verifier<never>], createFacts()),
    ).rejects.toThrow(RangeError);
  });
});

describe('freshWithin', () => {
  test('passes up to the exact millisecond and then refuses with STALE', async () => {
    expect(await getVerdict([freshWithin('10m')], createFacts(ada, now - 600_000))).toBe('passes');
    expect(await getVerdict([freshWithin('10m')], createFacts(ada, now - 600_001))).toBe('STALE');
  });

  test.each([0, -1, Number.NaN, Infinity, '1x', undefined])('throws INVALID_OPTION for %s', (duration) => {
    expect(() => freshWithin(duration as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`freshWithin`') }),
    );
  });

  test('passes again after re-authentication, but not after use', async () => {
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
