import type { SessionClocks } from './expiry.ts';

type ReadonlyDate = Omit<Date, Extract<keyof Date, `set${string}`>>;

/** Read-only at every depth. Data changes only through `update`, so that no change is missed. */
export type Immutable<T> = T extends Date
  ? ReadonlyDate
  : T extends ReadonlyMap<infer K, infer V>
    ? ReadonlyMap<Immutable<K>, Immutable<V>>
    : T extends ReadonlySet<infer V>
      ? ReadonlySet<Immutable<V>>
      : T extends (...args: never[]) => unknown
        ? T
        : T extends object
          ? { readonly [K in keyof T]: Immutable<T[K]> }
          : T;

/** A session as it was read: its data and its clocks at one moment. Times are in milliseconds since the epoch. */
export interface SessionSnapshot<Data> extends SessionClocks {
  readonly data: Data;
  /** The public id: safe to show, useless as a token. */
  readonly id: string;
  /** Counts the writes, from 1. */
  readonly revision: number;
  /** When the session ends unless it is used again. Never later than `expiresAt`. */
  readonly idleExpiresAt: number;
  /** The User-Agent header at sign-in, at most 256 characters, or null. */
  readonly device: string | null;
}

/** Freezes at every depth. The content of a Date, Map or Set is not frozen by `Object.freeze`, so their mutators throw. */
export function deepFreeze<T>(value: T, seen: Set<unknown> = new Set()): T {
  if (typeof value !== 'object' || value === null || seen.has(value)) return value;
  seen.add(value);
  const parts = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value);
  for (const part of parts) {
    // Most parts are primitives: a call for each would cost more than the rest of the freezing.
    if (typeof part === 'object') deepFreeze(part, seen);
  }
  forbidMutators(value);
  return Object.freeze(value);
}

const mutators = new Map<unknown, readonly string[]>([
  [Date, Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set'))],
  [Map, ['set', 'delete', 'clear']],
  [Set, ['add', 'delete', 'clear']],
]);

function forbidMutators(value: object): void {
  if (Object.isFrozen(value)) return;
  for (const name of mutators.get(value.constructor) ?? []) {
    Object.defineProperty(value, name, { value: throwReadOnly });
  }
}

function throwReadOnly(): never {
  throw new TypeError('A snapshot is read-only: change the session with update().');
}
