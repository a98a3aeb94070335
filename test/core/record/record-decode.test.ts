import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeRecord, encodeRecord, type RecordCodec } from '../../../src/core/record/record.ts';

const schema = z.object({ name: z.string(), at: z.date().optional() });
const codec: RecordCodec<unknown> = { schema, version: 3, migrate: undefined, maxBytes: 65_536 };
const envelope = { v: 3, data: { name: 'Ada' }, remember: true };

function decode(body: unknown, changes: Partial<RecordCodec<unknown>> = {}): ReturnType<typeof decodeRecord> {
  return decodeRecord({ ...codec, ...changes }, typeof body === 'string' ? body : JSON.stringify(body));
}

describe('decodeRecord', () => {
  test.each<[string, unknown]>([
    ['an empty body', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['a string', '"x"'],
    ['a number', '5'],
    ['truncated JSON', JSON.stringify(envelope).slice(0, -1)],
    ['gzip', '\u001f\ufffd\b\0\0'],
    ['a record of another app', { cookie: { originalMaxAge: null }, passport: { user: 1 } }],
    ['a record without v', { ...envelope, v: undefined }],
    ['a record without data', { ...envelope, data: undefined }],
    ['a record without remember', { ...envelope, remember: undefined }],
    ['v as a string', { ...envelope, v: '3' }],
    ['v as a fraction', { ...envelope, v: 2.5 }],
    ['v as null', { ...envelope, v: null }],
    ['an unknown type', { ...envelope, types: { values: { name: ['Nonsense'] } } }],
    ['an unregistered class', { ...envelope, types: { values: { name: [['class', 'Secret']] } } }],
    ['types with a path through __proto__', { ...envelope, types: { values: { '__proto__.isAdmin': ['Date'] } } }],
    [
      'types with a path through constructor',
      { ...envelope, types: { values: { 'constructor.prototype.isAdmin': ['Date'] } } },
    ],
    [
      'references with a path through __proto__',
      { ...envelope, types: { referentialEqualities: { name: ['__proto__.isAdmin'] } } },
    ],
    ['a Map that is not a list of pairs', { ...envelope, types: { values: { name: ['map'] } } }],
    ['a RegExp with invalid flags', { ...envelope, data: { name: '/a/zz' }, types: { values: { name: ['regexp'] } } }],
    ['a cycle', { ...envelope, data: {}, types: { referentialEqualities: [['name']] } }],
    ['an invalid bigint', { ...envelope, types: { values: { name: ['bigint'] } } }],
  ])("returns 'corrupt' for %s", async (_case, body) => {
    expect(await decode(body)).toBe('corrupt');
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['data of another shape', { ...envelope, data: { name: 5 } }],
    ['data that is not an object', { ...envelope, data: null }],
    ['an invalid Date', { ...envelope, data: { name: 'Ada', at: 'x' }, types: { values: { at: ['Date'] } } }],
  ])("returns 'invalid' for %s", async (_case, body) => {
    expect(await decode(body)).toBe('invalid');
  });

  test('drops a stored key named __proto__, so that it pollutes no object', async () => {
    const body = '{"v":3,"data":{"name":"Ada","__proto__":{"isAdmin":true}},"remember":true}';
    const record = await decode(body);
    expect(record).toMatchObject({ data: { name: 'Ada' } });
    expect((record as { data: { isAdmin?: unknown } }).data.isAdmin).toBeUndefined();
  });
});

describe('a record of another version', () => {
  const migrate = (data: unknown, version: number): unknown => ({
    name: `${(data as { first: string }).first} v${version}`,
  });

  test('is not decoded if the version is newer, whatever it contains', async () => {
    expect(await decode({ ...envelope, v: 4 })).toBe('newer-version');
    expect(await decode({ ...envelope, v: 1e308, data: 'new shape' })).toBe('newer-version');
  });

  test('is migrated if the version is older, and the envelope keeps that version', async () => {
    const old = { ...envelope, v: 1, data: { first: 'Ada' } };
    expect(await decode(old, { migrate })).toMatchObject({ data: { name: 'Ada v1' }, envelope: { v: 1 } });
  });

  test('is passed to migrate with its Dates restored', async () => {
    const { body } = await encodeRecord(
      { ...codec, version: 1, schema: z.any() },
      { at: new Date(5) },
      { remember: true },
    );
    const received: unknown[] = [];
    await decode(body, { migrate: (data) => received.push(data) });
    expect(received).toEqual([{ at: new Date(5) }]);
  });

  test("is 'migration-failed' if migrate throws", async () => {
    const throwError = (): never => {
      throw new Error('no');
    };
    expect(await decode({ ...envelope, v: 1 }, { migrate: throwError })).toBe('migration-failed');
  });

  test('is validated after the migration', async () => {
    expect(await decode({ ...envelope, v: 1 }, { migrate: () => ({ name: 5 }) })).toBe('invalid');
  });

  test('needs no migration if it still matches the schema', async () => {
    expect(await decode({ ...envelope, v: 2 })).toMatchObject({ data: { name: 'Ada' }, envelope: { v: 2 } });
  });
});
