import { matches, type Verifier } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createFacts, getVerdict } from './_support/verdicts.ts';

describe('matches with a pattern', () => {
  const data = {
    role: 'admin',
    plan: { name: 'pro', seats: 3 },
    tags: ['a', 'b'],
    nothing: null,
    nan: Number.NaN,
    big: 1n,
    unset: undefined,
  };

  test.each<[object]>([
    [{ role: 'admin' }],
    [{ plan: { name: 'pro' } }],
    [{ role: 'admin', plan: { seats: 3 } }],
    [{ tags: ['a', 'b'] }],
    [{ nothing: null }],
    [{ nan: Number.NaN }],
    [{ big: 1n }],
    [{ unset: undefined }],
  ])('passes for data that contains %o', async (pattern) => {
    expect(await getVerdict([matches(pattern) as Verifier<never>], createFacts(data))).toBe('passes');
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
  ])('refuses data that does not contain %o', async (pattern) => {
    expect(await getVerdict([matches(pattern) as Verifier<never>], createFacts(data))).toBe('REFUSED');
  });

  test.each([[new Date(0)], [new Map()], [new Set(['admin'])], [/admin/], [new (class Role {})()]])(
    'throws INVALID_OPTION for %o in a pattern, because it would match anything',
    (value) => {
      expect(() => matches({ role: value })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
      expect(() => matches({ deep: [{ role: value }] })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    },
  );

  test.each([[null], ['admin'], [true], [undefined]])('throws INVALID_OPTION for the pattern %o', (pattern) => {
    expect(() => matches(pattern as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  test('refuses data that is not an object', async () => {
    expect(await getVerdict([matches({ length: 5 }) as Verifier<never>], createFacts('admin'))).toBe('REFUSED');
    expect(await getVerdict([matches({ role: 'admin' }) as Verifier<never>], createFacts(null))).toBe('REFUSED');
  });
});

describe('matches with a schema', () => {
  test('passes if the data is valid', async () => {
    expect(await getVerdict([matches(z.object({ role: z.literal('member') })) as Verifier<never>])).toBe('passes');
    expect(await getVerdict([matches(z.object({ visits: z.number().min(1) })) as Verifier<never>])).toBe('REFUSED');
  });

  test('waits for an asynchronous schema', async () => {
    const createVerifier = (isValid: boolean) => matches(z.object({}).refine(async () => isValid)) as Verifier<never>;
    expect(await getVerdict([createVerifier(true)])).toBe('passes');
    expect(await getVerdict([createVerifier(false)])).toBe('REFUSED');
  });
});
