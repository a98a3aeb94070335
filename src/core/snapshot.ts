import type { Clocks } from './expiry.ts';

type ReadonlyDate = Omit<Date, Extract<keyof Date, `set${string}`>>;

/** Read-only all the way down: changes go through `update`, so none can be missed. */
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

/** What was read: the data and its clocks at one moment. Times are milliseconds since the epoch. */
export interface Snapshot<Data> extends Clocks {
  readonly data: Data;
  /** The public id: safe to show, useless as a token. */
  readonly id: string;
  /** Counts the writes, from 1. */
  readonly revision: number;
  /** When the session ends unless it is used again; never past `expiresAt`. */
  readonly idleExpiresAt: number;
  /** The User-Agent that signed in, at most 256 characters of it. */
  readonly device: string | null;
}

/** Freezes plain objects and arrays all the way down. Dates, Maps and Sets cannot be frozen; here they are copies. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const [key, held] of value) {
      deepFreeze(key);
      deepFreeze(held);
    }
  } else if (value instanceof Set) {
    for (const held of value) deepFreeze(held);
  } else {
    for (const held of Object.values(value)) deepFreeze(held);
  }
  return Object.freeze(value);
}
