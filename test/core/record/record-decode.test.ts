import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeRecord, encodeRecord, parseEnvelope, type RecordCodec } from '../../../src/core/record/record.ts';

const schema = z.object({ name: z.string(), at: z.date().optional() });
const codec: RecordCodec<unknown> = { schema, version: 3, migrate: undefined, maxBytes: 65_536 };
const envelope = { v: 3, data: { name: 'Ada' }, remember: true, device: null };

function decode(body: unknown, changes: Partial<RecordCodec<unknown>> = {}): ReturnType<typeof decodeRecord> {
  return decodeRecord({ ...codec, ...changes }, typeof body === 'string' ? body : JSON.stringify(body));
}

describe('a body that is no record is corrupt', () => {
  test.each<[string, unknown]>([
    ['nothing', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['text', '"x"'],
    ['a number', '5'],
    ['cut off', JSON.stringify(envelope).slice(0, -1)],
    ['gzip', '\u001f\ufffd\b\0\0'],
    ["another app's", { cookie: { originalMaxAge: null }, passport: { user: 1 } }],
    ['without v', { ...envelope, v: undefined }],
    ['without data', { ...envelope, data: undefined }],
    ['without remember', { ...envelope, remember: undefined }],
    ['without device', { ...envelope, device: undefined }],
    ['with v as text', { ...envelope, v: '3' }],
    ['with v as a fraction', { ...envelope, v: 2.5 }],
    ['with v null', { ...envelope, v: null }],
    ['with a device that is no text', { ...envelope, device: {} }],
    ['with types of nonsense', { ...envelope, types: { values: { name: ['Nonsense'] } } }],
    ['with a class nobody registered', { ...envelope, types: { values: { name: [['class', 'Secret']] } } }],
    ['with types that reach for __proto__', { ...envelope, types: { values: { '__proto__.isAdmin': ['Date'] } } }],
    [
      'with types that reach for constructor',
      { ...envelope, types: { values: { 'constructor.prototype.isAdmin': ['Date'] } } },
    ],
    [
      'with references that reach for __proto__',
      { ...envelope, types: { referentialEqualities: { name: ['__proto__.isAdmin'] } } },
    ],
    ['with a Map of no pairs', { ...envelope, types: { values: { name: ['map'] } } }],
    ['with a pattern of bad flags', { ...envelope, data: { name: '/a/zz' }, types: { values: { name: ['regexp'] } } }],
    ['with a bad bigint', { ...envelope, types: { values: { name: ['bigint'] } } }],
  ])('%s', async (_case, body) => {
    expect(await decode(body)).toBe('corrupt');
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });
});

describe('a record that the schema refuses is invalid', () => {
  test.each<[string, unknown]>([
    ['another shape', { ...envelope, data: { name: 5 } }],
    ['no object', { ...envelope, data: null }],
    ['an invalid Date', { ...envelope, data: { name: 'Ada', at: 'x' }, types: { values: { at: ['Date'] } } }],
    ['a cycle', { ...envelope, data: {}, types: { referentialEqualities: [['name']] } }],
  ])('%s', async (_case, body) => {
    expect(await decode(body)).toBe('invalid');
  });
});

test('own keys named __proto__ in stored bytes pollute nothing', async () => {
  const body = '{"v":3,"data":{"name":"Ada","__proto__":{"isAdmin":true}},"remember":true,"device":null}';
  const record = await decode(body);
  expect(record).toMatchObject({ data: { name: 'Ada' } });
  expect((record as { data: { isAdmin?: unknown } }).data.isAdmin).toBeUndefined();
});

describe('versions', () => {
  const migrate = (data: unknown, version: number): unknown => ({
    name: `${(data as { first: string }).first} v${version}`,
  });

  test('a newer one is left alone, whatever it holds', async () => {
    expect(await decode({ ...envelope, v: 4 })).toBe('newer-version');
    expect(await decode({ ...envelope, v: 1e308, data: 'new shape' })).toBe('newer-version');
  });

  test('migrates an older one and keeps its version in the envelope', async () => {
    const old = { ...envelope, v: 1, data: { first: 'Ada' } };
    expect(await decode(old, { migrate })).toMatchObject({ data: { name: 'Ada v1' }, envelope: { v: 1 } });
  });

  test('migrate gets Dates back as Dates', async () => {
    const { body } = await encodeRecord(
      { ...codec, version: 1, schema: z.any() },
      { at: new Date(5) },
      { remember: true, device: null },
    );
    const seen: unknown[] = [];
    await decode(body, { migrate: (data) => seen.push(data) });
    expect(seen).toEqual([{ at: new Date(5) }]);
  });

  test('a migration that throws is an answer, not an error', async () => {
    const refuse = (): never => {
      throw new Error('no');
    };
    expect(await decode({ ...envelope, v: 1 }, { migrate: refuse })).toBe('migration-failed');
  });

  test('what a migration made is judged by the schema', async () => {
    expect(await decode({ ...envelope, v: 1 }, { migrate: () => ({ name: 5 }) })).toBe('invalid');
  });

  test('an older record that still fits needs no migration', async () => {
    expect(await decode({ ...envelope, v: 2 })).toMatchObject({ data: { name: 'Ada' }, envelope: { v: 2 } });
  });
});

test('an envelope is read without its data', () => {
  expect(parseEnvelope(JSON.stringify({ ...envelope, device: 'Firefox' }))?.device).toBe('Firefox');
  expect(parseEnvelope('{')).toBeNull();
});
