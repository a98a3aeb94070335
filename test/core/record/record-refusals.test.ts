import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { encodeRecord, type RecordCodec } from '../../../src/core/record/record.ts';

const anything: RecordCodec<unknown> = { schema: z.any(), version: 1, migrate: undefined, maxBytes: 65_536 };
const terms = { remember: true, device: null };

class Point {
  x = 1;
}

function cyclic(): object {
  const value: { self?: object } = {};
  value.self = [value];
  return value;
}

function nested(depth: number): object {
  return depth === 0 ? {} : { in: nested(depth - 1) };
}

describe('data that would not come back the same is refused, and its place named', () => {
  test.each<[string, unknown, string]>([
    ['a function', { a: { b: () => 1 } }, 'a.b'],
    ['a class', { a: Point }, 'a'],
    ['a toJSON method', { a: { toJSON: () => 'other' } }, 'a.toJSON'],
    ['a symbol', { a: [0, Symbol('s')] }, 'a.1'],
    ['a symbol key', { a: { [Symbol('s')]: 1 } }, 'a'],
    ['an instance of a class', { a: new Point() }, 'a'],
    ['an object with a prototype of its own', { a: Object.create({ inherited: 1 }) }, 'a'],
    ['an error', { a: new Error('x') }, 'a'],
    ['a promise', { a: Promise.resolve() }, 'a'],
    ['a typed array', { a: new Uint8Array(2) }, 'a'],
    ['a Buffer', { a: Buffer.from('x') }, 'a'],
    ['a boxed string', { a: Object('x') }, 'a'],
    ['a WeakMap', { a: new WeakMap() }, 'a'],
    ['an invalid Date', { a: { at: new Date('x') } }, 'a.at'],
    ['an invalid Date as a key of a Map', { a: new Map([[new Date(Number.NaN), 1]]) }, 'a.0.0'],
    ['a cycle', cyclic(), 'self.0'],
    ['a cycle through a Map', cyclicMap(), 'map.0.1'],
    ['a hole in an array', { a: [1, , 3] }, 'a.1'],
    ['a getter that throws', throwing({}, 'secret'), 'secret'],
    ['a getter that throws further in', { a: [throwing({}, 'secret')] }, 'a.0.secret'],
    ['a Proxy that throws', { a: hostileProxy() }, 'a'],
    ['__proto__', { a: JSON.parse('{"__proto__":{"isAdmin":true}}') }, 'a.__proto__'],
    ['constructor', { constructor: { prototype: { isAdmin: true } } }, 'constructor'],
    ['prototype', { a: { prototype: 1 } }, 'a.prototype'],
    ['prototype, in an object in a Map', { a: new Map([['x', { prototype: 1 }]]) }, 'a.0.1.prototype'],
    ['more than 64 levels', nested(70), Array(64).fill('in').join('.')],
    ['10,000 levels', nested(5_000), Array(64).fill('in').join('.')],
  ])('%s', async (_case, value, path) => {
    const error = await encodeRecord(anything, value, terms).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ code: 'INVALID_DATA' });
    const [issue] = (error as { issues: { message: string; path: PropertyKey[] }[] }).issues;
    expect(issue?.path.join('.')).toBe(path);
    expect(issue?.message).toMatch(/cannot be stored$/);
  });

  test('and no prototype is polluted', async () => {
    const poison = JSON.parse('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}');
    await encodeRecord(anything, poison, terms).catch(() => {});
    await encodeRecord({ ...anything, schema: z.looseObject({}) }, poison, terms).catch(() => {});
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

test('64 levels are fine', async () => {
  await expect(encodeRecord(anything, nested(63), terms)).resolves.toBeDefined();
});

describe('the schema', () => {
  const codec = { ...anything, schema: z.object({ name: z.string(), tags: z.array(z.string()) }) };

  test('refuses with every issue and its place, and never with the value', async () => {
    const error = await encodeRecord(codec, { name: 7, tags: ['a', 'hunter2', 8] }, terms).catch(
      (refusal: unknown) => refusal,
    );
    expect(error).toMatchObject({ code: 'INVALID_DATA', issues: [{ path: ['name'] }, { path: ['tags', 2] }] });
    expect(String((error as Error).message)).not.toMatch(/hunter2|7|8/);
  });

  test('may be asynchronous', async () => {
    const schema = z.object({ name: z.string().refine(async (name) => name === 'Ada') });
    await expect(encodeRecord({ ...anything, schema }, { name: 'Ada' }, terms)).resolves.toMatchObject({
      data: { name: 'Ada' },
    });
    await expect(encodeRecord({ ...anything, schema }, { name: 'Eve' }, terms)).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
  });

  test('may be anything that speaks Standard Schema', async () => {
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: () => ({ issues: [{ message: 'no', path: [{ key: 'a' }, 'b'] }] }),
      },
    } as const;
    await expect(encodeRecord({ ...anything, schema }, {}, terms)).rejects.toMatchObject({
      issues: [{ message: 'no', path: ['a', 'b'] }],
    });
  });
});

describe('size', () => {
  test('is counted in bytes of UTF-8, and named in the refusal', async () => {
    const { body } = await encodeRecord(anything, { text: '☕' }, terms);
    const bytes = Buffer.byteLength(body);
    await expect(encodeRecord({ ...anything, maxBytes: bytes }, { text: '☕' }, terms)).resolves.toBeDefined();
    await expect(encodeRecord({ ...anything, maxBytes: bytes - 1 }, { text: '☕' }, terms)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: expect.stringContaining(`${bytes} bytes of the ${bytes - 1} allowed`),
    });
  });

  test('5 MB are refused', async () => {
    await expect(encodeRecord(anything, { text: 'x'.repeat(5_000_000) }, terms)).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });
});

function throwing(target: object, key: string): object {
  const get = (): never => {
    throw new Error('hunter2');
  };
  return Object.defineProperty(target, key, { enumerable: true, get });
}

function hostileProxy(): object {
  const refuse = (): never => {
    throw new Error('hunter2');
  };
  return new Proxy({}, { ownKeys: refuse, getPrototypeOf: refuse });
}

function cyclicMap(): object {
  const map = new Map<string, unknown>();
  map.set('me', map);
  return { map };
}
