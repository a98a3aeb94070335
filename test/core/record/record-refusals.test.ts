import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { encodeRecord, type RecordCodec } from '../../../src/core/record/record.ts';

const anyCodec: RecordCodec<unknown> = { schema: z.any(), version: 1, migrate: undefined, maxBytes: 65_536 };
const terms = { remember: true };

class Point {
  x = 1;
}

function createCycle(): object {
  const value: { self?: object } = {};
  value.self = [value];
  return value;
}

function nest(depth: number): object {
  return depth === 0 ? {} : { in: nest(depth - 1) };
}

describe('encodeRecord', () => {
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
    ['a cycle', createCycle(), 'self.0'],
    ['a cycle through a Map', createCyclicMap(), 'map.0.1'],
    ['a hole in an array', { a: [1, , 3] }, 'a.1'],
    ['a getter that throws', defineThrowingGetter({}, 'secret'), 'secret'],
    ['a nested getter that throws', { a: [defineThrowingGetter({}, 'secret')] }, 'a.0.secret'],
    ['a Proxy that throws', { a: createThrowingProxy() }, 'a'],
    ['a key named __proto__', { a: JSON.parse('{"__proto__":{"isAdmin":true}}') }, 'a.__proto__'],
    ['a key named constructor', { constructor: { prototype: { isAdmin: true } } }, 'constructor'],
    ['a key named prototype', { a: { prototype: 1 } }, 'a.prototype'],
    ['prototype in an object in a Map', { a: new Map([['x', { prototype: 1 }]]) }, 'a.0.1.prototype'],
    ['data of more than 64 levels', nest(70), Array(64).fill('in').join('.')],
    ['data of 5,000 levels', nest(5_000), Array(64).fill('in').join('.')],
  ])('refuses %s and names its path', async (_case, value, path) => {
    const error = await encodeRecord(anyCodec, value, terms).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'INVALID_DATA' });
    const [issue] = (error as { issues: { message: string; path: PropertyKey[] }[] }).issues;
    expect(issue?.path.join('.')).toBe(path);
    expect(issue?.message).toMatch(/cannot be stored$/);
  });

  test('pollutes no prototype', async () => {
    const poison = JSON.parse('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}');
    await encodeRecord(anyCodec, poison, terms).catch(() => {});
    await encodeRecord({ ...anyCodec, schema: z.looseObject({}) }, poison, terms).catch(() => {});
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test('accepts data of 64 levels', async () => {
    await expect(encodeRecord(anyCodec, nest(63), terms)).resolves.toBeDefined();
  });
});

describe('a schema', () => {
  const codec = { ...anyCodec, schema: z.object({ name: z.string(), tags: z.array(z.string()) }) };

  test('causes an error with every issue and its path, and without the values', async () => {
    const error = await encodeRecord(codec, { name: 7, tags: ['a', 'hunter2', 8] }, terms).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'INVALID_DATA', issues: [{ path: ['name'] }, { path: ['tags', 2] }] });
    expect(String((error as Error).message)).not.toMatch(/hunter2|7|8/);
  });

  test('can be asynchronous', async () => {
    const schema = z.object({ name: z.string().refine(async (name) => name === 'Ada') });
    await expect(encodeRecord({ ...anyCodec, schema }, { name: 'Ada' }, terms)).resolves.toMatchObject({
      data: { name: 'Ada' },
    });
    await expect(encodeRecord({ ...anyCodec, schema }, { name: 'Eve' }, terms)).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
  });

  test('can be any Standard Schema', async () => {
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: () => ({ issues: [{ message: 'no', path: [{ key: 'a' }, 'b'] }] }),
      },
    } as const;
    await expect(encodeRecord({ ...anyCodec, schema }, {}, terms)).rejects.toMatchObject({
      issues: [{ message: 'no', path: ['a', 'b'] }],
    });
  });
});

describe('maxBytes', () => {
  test('is compared with the size in bytes of UTF-8, and the error contains both numbers', async () => {
    const { body } = await encodeRecord(anyCodec, { text: '☕' }, terms);
    const bytes = Buffer.byteLength(body);
    await expect(encodeRecord({ ...anyCodec, maxBytes: bytes }, { text: '☕' }, terms)).resolves.toBeDefined();
    await expect(encodeRecord({ ...anyCodec, maxBytes: bytes - 1 }, { text: '☕' }, terms)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: expect.stringContaining(`${bytes} bytes of the ${bytes - 1} allowed`),
    });
  });

  test('makes encodeRecord refuse 5 MB', async () => {
    await expect(encodeRecord(anyCodec, { text: 'x'.repeat(5_000_000) }, terms)).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });
});

function defineThrowingGetter(target: object, key: string): object {
  const get = (): never => {
    throw new Error('hunter2');
  };
  return Object.defineProperty(target, key, { enumerable: true, get });
}

function createThrowingProxy(): object {
  const throwError = (): never => {
    throw new Error('hunter2');
  };
  return new Proxy({}, { ownKeys: throwError, getPrototypeOf: throwError });
}

function createCyclicMap(): object {
  const map = new Map<string, unknown>();
  map.set('me', map);
  return { map };
}
