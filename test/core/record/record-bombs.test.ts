import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeRecord, encodeRecord, type RecordCodec } from '../../../src/core/record/record.ts';

const codec: RecordCodec<unknown> = { schema: z.any(), version: 1, migrate: undefined, maxBytes: 65_536 };
const encode = (value: unknown) => encodeRecord(codec, value, { remember: true });

/** Few objects, of which each occurs twice in the next: as JSON they take 2 to the power of `depth`. */
function createBomb(depth: number): unknown {
  let value: object = { leaf: 1 };
  for (let level = 0; level < depth; level += 1) value = { a: value, b: value };
  return value;
}

/** The metadata of superjson that builds the same from a short text. */
function createStoredBomb(depth: number): string {
  const path = (level: number) => Array(level).fill('a').join('.');
  const references = Object.fromEntries(
    Array.from({ length: depth }, (_, level) => [path(level + 1), [[...(level ? [path(level)] : []), 'b'].join('.')]]),
  );
  let data: object = { leaf: 1 };
  for (let level = 0; level < depth; level += 1) data = { a: data };
  return JSON.stringify({ v: 1, data, types: { referentialEqualities: references }, remember: true });
}

async function measureMs(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

describe('an object that occurs many times', () => {
  test.each([22, 40, 60])('is refused before it is written, if it takes 2^%d places', async (depth) => {
    const error = encode(createBomb(depth)).catch((reason: unknown) => reason);
    expect(await error).toMatchObject({ code: 'TOO_LARGE', message: expect.stringContaining('of the 65536 allowed') });
    expect(await measureMs(() => error)).toBeLessThan(100);
  });

  test('is refused in lists, Maps and Sets too', async () => {
    for (const wrap of [
      (value: unknown) => [value, value],
      (value: unknown) =>
        new Map([
          [1, value],
          [2, value],
        ]),
      (value: unknown) =>
        new Map([
          [value, 1],
          [{ value }, 1],
        ]),
      (value: unknown) => new Set([value, { value }]),
    ]) {
      let value: unknown = {};
      for (let level = 0; level < 30; level += 1) value = wrap(value);
      await expect(encode(value)).rejects.toMatchObject({ code: expect.stringMatching(/TOO_LARGE|INVALID_DATA/) });
    }
  });

  test('is corrupt if a stored text stands for more than the text is long', async () => {
    for (const depth of [10, 22, 60]) {
      const body = createStoredBomb(depth);
      let decoded: unknown;
      expect(await measureMs(async () => (decoded = await decodeRecord(codec, body)))).toBeLessThan(200);
      expect([depth, decoded]).toEqual([depth, 'corrupt']);
    }
  });

  test('is stored if it occurs a few times', async () => {
    const shared = { at: new Date(0) };
    const { body, data } = await encode({ one: shared, other: shared });
    expect(await decodeRecord(codec, body)).toMatchObject({ data });
  });
});

describe('a value that does not come back', () => {
  test('is refused, and the error names it', async () => {
    const value = {
      a: Number.NaN,
      m: new Map<unknown, unknown>([
        [Number.NaN, 'lost'],
        [1, 'x'],
      ]),
    };
    await expect(encode(value)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      issues: [{ path: ['m'], message: 'a value that does not come back as it was cannot be stored' }],
    });
  });

  test('is refused if superjson cannot restore it at all', async () => {
    const [url, pattern] = [new URL('http://a.example/'), /a/g];
    const inner = new Map<unknown, unknown>([
      [url, new Set()],
      [new Map([[pattern, pattern]]), new Map()],
    ]);
    await expect(encode({ data: new Set([url, inner]) })).rejects.toMatchObject({ code: 'INVALID_DATA' });
  });

  test('is never stored: what is accepted is read as it was written, and all else is refused', async () => {
    const shared = [/a/g, new URL('http://a.example/'), {}, new Date(0)];
    const leaf = fc.oneof(
      fc.constantFrom<unknown>(...shared, Number.NaN, -0, Number.POSITIVE_INFINITY, undefined, null, '', 0n),
      fc.string({ maxLength: 3 }),
      fc.double(),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'a.b', '0', '\\', ''), tie('value'), { maxKeys: 3, noNullPrototype: true }),
        fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
        fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
      ),
    }));
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(value, async (data) => {
        const encoded = await encode({ data }).catch((error: { code?: unknown }) => ({ body: null, code: error.code }));
        if (encoded.body === null) {
          expect(encoded).toEqual({ body: null, code: 'INVALID_DATA' });
          return;
        }
        accepted += 1;
        const decoded = await decodeRecord(codec, encoded.body);
        expect(listAll(decoded)).toEqual(listAll({ ...(decoded as object), data: { data } }));
      }),
      { numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(2_000);
  });
});

/** Shows the order of Maps and Sets, which `toEqual` ignores. */
function listAll(value: unknown): unknown {
  if (value instanceof Map) return ['Map', [...value].map(listAll)];
  if (value instanceof Set) return ['Set', [...value].map(listAll)];
  if (value instanceof Date || value instanceof RegExp || value instanceof URL) return String(value);
  if (Array.isArray(value)) return value.map(listAll);
  return typeof value === 'object' && value !== null ? Object.entries(value).map(listAll) : value;
}
