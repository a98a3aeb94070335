import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeRecord, encodeRecord, type RecordCodec } from '../../../src/core/record/record.ts';

const anyCodec: RecordCodec<unknown> = { schema: z.any(), version: 1, migrate: undefined, maxBytes: 65_536 };
const terms = { remember: true };

async function encodeAndDecode(value: unknown): Promise<unknown> {
  const { body } = await encodeRecord(anyCodec, value, terms);
  const record = await decodeRecord(anyCodec, body);
  return typeof record === 'string' ? record : record.data;
}

describe('encoding and decoding', () => {
  test.each<[string, unknown]>([
    ['text, including a lone surrogate', { text: 'naïve ☕ \ud800 \0' }],
    ['undefined', { a: undefined, b: [undefined] }],
    ['numbers that JSON cannot represent', { nan: Number.NaN, up: Infinity, down: -Infinity, zero: -0 }],
    ['bigint', { big: 2n ** 80n }],
    ['Date', { at: new Date(0) }],
    [
      'Map',
      {
        map: new Map<unknown, unknown>([
          ['a', new Date(1)],
          [{ k: 1 }, 2],
        ]),
      },
    ],
    ['Set', { set: new Set([1, 'a', new Map()]) }],
    ['RegExp and URL', { pattern: /a+/gi, url: new URL('https://a.example/?q=1') }],
    [
      'keys that look like paths',
      { 'a.b': new Date(1), a: { b: new Date(2) }, 'a\\.b': new Date(3), '\\': new Date(4) },
    ],
    ['keys that look like the envelope', { v: 9, data: new Date(1), types: {}, remember: 1, device: 2, __version: 3 }],
    ['the empty key', { '': { '': new Date(5) } }],
    ['a key of 10,000 characters', { ['k'.repeat(10_000)]: new Date(6) }],
    ['keys that every object inherits', { toString: 1, hasOwnProperty: 2, valueOf: 3 }],
    ['one object in two places', { first: new Date(8), ...repeatObject({ at: new Date(7) }) }],
    ['a Map with the key __proto__', new Map([['__proto__', 1]])],
    ['data that is not an object', 'just text'],
  ])('preserves %s', async (_case, value) => {
    expect(await encodeAndDecode(value)).toStrictEqual(value);
  });

  test('preserves any combination of these values', async () => {
    const key = fc.string({ unit: fc.constantFrom('a', '.', '\\', '0', '') }).filter((name) => name !== '__proto__');
    const { value } = fc.letrec((tie) => ({
      leaf: fc.oneof(
        fc.string(),
        fc.double(),
        fc.bigInt(),
        fc.boolean(),
        fc.constant(null),
        fc.constant(undefined),
        fc.date({ noInvalidDate: true }),
      ),
      value: fc.oneof(
        { maxDepth: 4 },
        tie('leaf'),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
        fc.array(tie('leaf'), { maxLength: 4 }).map((items) => new Set(items)),
        fc.array(fc.tuple(tie('leaf'), tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(value, async (data) => {
        expect(await encodeAndDecode({ data })).toStrictEqual({ data });
      }),
      { numRuns: 500 },
    );
  });
});

describe('the body', () => {
  test('is JSON: the envelope, with the data inside', async () => {
    const { body } = await encodeRecord(anyCodec, { name: 'Ada' }, terms);
    expect(JSON.parse(body)).toEqual({ v: 1, data: { name: 'Ada' }, remember: true });
  });

  test('contains types only for values that need them', async () => {
    const { body } = await encodeRecord(anyCodec, { at: new Date(0) }, terms);
    expect(JSON.parse(body)).toMatchObject({
      data: { at: '1970-01-01T00:00:00.000Z' },
      types: { values: { at: ['Date'] } },
    });
  });

  test('contains the output of the schema and nothing else', async () => {
    const codec = { ...anyCodec, schema: z.object({ name: z.string().trim() }) };
    const { body, data } = await encodeRecord(codec, { name: ' Ada ', admin: true }, terms);
    expect(JSON.parse(body).data).toEqual({ name: 'Ada' });
    expect(data).toEqual({ name: 'Ada' });
  });
});

test('encodeRecord returns data that shares no object with its input', async () => {
  const input = { at: new Date(0), tags: new Set(['a']), deep: { list: [1] } };
  const { data } = await encodeRecord(anyCodec, input, terms);
  expect(data).toStrictEqual(input);
  input.at.setTime(1);
  input.tags.add('b');
  input.deep.list.push(2);
  expect(data).toStrictEqual({ at: new Date(0), tags: new Set(['a']), deep: { list: [1] } });
});

/** Returns data that contains one object in several places. */
function repeatObject(shared: object): object {
  return { left: { shared }, right: [shared], again: new Map([['shared', shared]]) };
}
