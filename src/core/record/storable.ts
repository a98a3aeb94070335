import { SessionError } from '../errors.ts';
import { forbiddenNames } from './unknown-fields.ts';

type Path = readonly PropertyKey[];

const deepest = 64;

/** Where a value is, and what was measured before. */
interface Place {
  readonly path: Path;
  /** The objects that contain the value. */
  readonly above: readonly object[];
  readonly sizes: Map<object, number>;
}

/**
 * Throws for a value that superjson would drop, flatten or refuse without naming its path, or on which it would loop.
 *
 * An object that occurs several times is visited once. JSON writes it each time, so a few bytes of references can stand for
 * gigabytes: the size is added up before anything is written.
 *
 * @param maxBytes The largest body.
 * @throws SessionError `INVALID_DATA` naming the path, or `TOO_LARGE`.
 */
export function assertStorable(value: unknown, maxBytes: number): void {
  const bytes = measureStorable(value, { path: [], above: [], sizes: new Map() });
  if (bytes > maxBytes) throw createSizeError(`at least ${bytes}`, maxBytes);
}

export function createSizeError(bytes: number | string, maxBytes: number): SessionError {
  return new SessionError('TOO_LARGE', { hint: `It takes ${bytes} bytes of the ${maxBytes} allowed.` });
}

/** Returns how many bytes a value takes at least. */
function measureStorable(value: unknown, { path, above, sizes }: Place): number {
  const flaw = readSafely(() => findStorageFlaw(value), path);
  if (flaw) throw createUnstorableError(flaw, path);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value.length + 2 : 1;
  if (above.includes(value)) throw createUnstorableError('a value that contains itself', path);
  if (path.length >= deepest) throw createUnstorableError(`anything more than ${deepest} levels deep`, path);
  const known = sizes.get(value);
  if (known !== undefined) return known;
  const held = value instanceof Map || value instanceof Set ? [...value] : value;
  let size = 2;
  for (const key of readSafely(() => (Array.isArray(held) ? held.keys() : Object.keys(held)), path)) {
    const at = [...path, key];
    if (forbiddenNames.has(key)) throw createUnstorableError('a property of this name', at);
    if (Array.isArray(held) && !(key in held)) throw createUnstorableError('a hole in an array', at);
    const part = readSafely(() => held[key as keyof typeof held], at);
    size +=
      (typeof key === 'string' ? key.length : 0) + measureStorable(part, { path: at, above: [...above, value], sizes });
  }
  sizes.set(value, size);
  return size;
}

/**
 * Whether the parts of a value take at most this many bytes, however often each occurs. It looks at no more parts than
 * that, so it is fast for a value of any size.
 */
export function fitsInto(value: unknown, maxBytes: number): boolean {
  return measureParts(value, new Map(), maxBytes) <= maxBytes;
}

function measureParts(value: unknown, sizes: Map<object, number>, maxBytes: number): number {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value.length + 2 : 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  // A value that contains itself cannot be stored in any number of bytes.
  sizes.set(value, Number.POSITIVE_INFINITY);
  const parts = value instanceof Map ? [...value].flat() : value instanceof Set ? value : Object.values(value);
  let size = 2;
  for (const part of parts) {
    size += measureParts(part, sizes, maxBytes - size);
    if (size > maxBytes) break;
  }
  sizes.set(value, size);
  return size;
}

/**
 * Throws if what was written will not be read as it was.
 *
 * @param copy The value as a later read returns it.
 * @throws SessionError `INVALID_DATA` naming the path.
 */
export function assertUnchanged(value: unknown, copy: unknown, path: Path = []): void {
  if (Object.is(value, copy)) return;
  if (typeof value !== 'object' || typeof copy !== 'object' || !value || !copy) throw createLossError(path);
  const [parts, copied] = [listParts(value), listParts(copy)];
  if (parts.length !== copied.length) throw createLossError(path);
  for (const [at, [key, part]] of parts.entries()) {
    const [copiedKey, copiedPart] = copied[at] ?? [];
    // Most parts are primitives: a call for each would cost more than the rest.
    if (Object.is(key, copiedKey) && Object.is(part, copiedPart)) continue;
    const below = [...path, typeof key === 'object' ? at : (key as PropertyKey)];
    assertUnchanged(key, copiedKey, below);
    assertUnchanged(part, copiedPart, below);
  }
}

export function createLossError(path: Path): SessionError {
  return createUnstorableError('a value that does not come back as it was', path);
}

/** Lists what makes up an object, in its order. */
function listParts(value: object): readonly (readonly [unknown, unknown])[] {
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value].map((part, at) => [at, part]);
  if (value instanceof Date) return [['time', value.getTime()]];
  if (value instanceof RegExp || value instanceof URL) return [['text', String(value)]];
  return Object.entries(value);
}

function createUnstorableError(what: string, path: Path): SessionError {
  return new SessionError('INVALID_DATA', { issues: [{ message: `${what} cannot be stored`, path }] });
}

function readSafely<Value>(read: () => Value, path: Path): Value {
  try {
    return read();
  } catch {
    throw createUnstorableError('a value that throws when it is read', path);
  }
}

/** Says why a value itself cannot be stored, apart from what it contains. */
function findStorageFlaw(value: unknown): string | null {
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : null;
  if ([Map, Set, RegExp, URL].some((known) => value instanceof known)) return null;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return 'an instance of a class';
  return Object.getOwnPropertySymbols(value).length > 0 ? 'a property named by a symbol' : null;
}
