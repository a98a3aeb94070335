import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeRecord, encodeRecord, type RecordCodec } from '../../../src/core/record/record.ts';

const anything: RecordCodec<unknown> = { schema: z.any(), version: 1, migrate: undefined, maxBytes: 65_536 };
const terms = { remember: true, device: 'Firefox' };

async function roundTrip(value: unknown): Promise<unknown> {
  const { body } = await encodeRecord(anything, value, terms);
  const record = await decodeRecord(anything, body);
  return typeof record === 'string' ? record : record.data;
}

describe('what is written comes back the same', () => {
  test.each<[string, unknown]>([
    ['text, also with a lone surrogate', { text: 'naïve ☕ \ud800 \0' }],
    ['undefined', { a: undefined, b: [undefined] }],
    ['numbers that JSON has no word for', { nan: Number.NaN, up: Infinity, down: -Infinity, zero: -0 }],
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
    ['keys of every object', { toString: 1, hasOwnProperty: 2, valueOf: 3 }],
    ['one object in two places', { first: sharedDate(), ...twice({ at: new Date(7) }) }],
    ['a Map with a key of a name that objects may not have', new Map([['__proto__', 1]])],
    ['data that is no object', 'just text'],
  ])('%s', async (_case, value) => {
    expect(await roundTrip(value)).toStrictEqual(value);
  });

  test('whatever is made of the above', async () => {
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
        fc.array(tie('leaf'), { maxLength: 4 }).map((held) => new Set(held)),
        fc.array(fc.tuple(tie('leaf'), tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(value, async (held) => {
        expect(await roundTrip({ held })).toStrictEqual({ held });
      }),
      { numRuns: 500 },
    );
  });
});

describe('the body', () => {
  test('is plain JSON with the envelope around it', async () => {
    const { body } = await encodeRecord(anything, { name: 'Ada' }, terms);
    expect(JSON.parse(body)).toEqual({ v: 1, data: { name: 'Ada' }, remember: true, device: 'Firefox' });
  });

  test('carries types only where a value needs them', async () => {
    const { body } = await encodeRecord(anything, { at: new Date(0) }, terms);
    expect(JSON.parse(body)).toMatchObject({
      data: { at: '1970-01-01T00:00:00.000Z' },
      types: { values: { at: ['Date'] } },
    });
  });

  test('holds what the schema made of the input, and nothing else', async () => {
    const codec = { ...anything, schema: z.object({ name: z.string().trim() }) };
    const { body, data } = await encodeRecord(codec, { name: ' Ada ', admin: true }, terms);
    expect(JSON.parse(body).data).toEqual({ name: 'Ada' });
    expect(data).toEqual({ name: 'Ada' });
  });
});

test('the data that is answered shares nothing with what was handed in', async () => {
  const input = { at: new Date(0), tags: new Set(['a']), deep: { list: [1] } };
  const { data } = await encodeRecord(anything, input, terms);
  expect(data).toStrictEqual(input);
  input.at.setTime(1);
  input.tags.add('b');
  input.deep.list.push(2);
  expect(data).toStrictEqual({ at: new Date(0), tags: new Set(['a']), deep: { list: [1] } });
});

function sharedDate(): Date {
  return new Date(8);
}

function twice(shared: object): object {
  return { left: { shared }, right: [shared], again: new Map([['shared', shared]]) };
}
