import { serialize } from 'superjson';

/**
 * The fields of stored data that the schema of this version of the app does not have, at every depth. Another version may
 * have written them, so an update keeps them.
 */
export interface UnknownFields {
  readonly values: Readonly<Record<string, unknown>>;
  readonly nested: Readonly<Record<string, UnknownFields>>;
  /** Lists, Maps and Sets with such fields inside. */
  readonly collections: Readonly<Record<string, StoredCollection>>;
}

/** Entries have no names by which they could be merged, so a collection is kept as a whole until an update changes it. */
interface StoredCollection {
  readonly stored: unknown;
  /** The encoded form of what the schema made of it. */
  readonly validated: string;
}

/** Names that lead to a prototype. Nothing is stored under them. */
export const forbiddenNames: ReadonlySet<PropertyKey> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Finds the fields that a schema dropped.
 *
 * @param stored The data as it was stored, or as `migrate` returned it.
 * @param validated The same data after the schema.
 */
export function findUnknownFields(stored: unknown, validated: unknown): UnknownFields | undefined {
  if (!hasNamedFields(stored) || !hasNamedFields(validated)) return undefined;
  const values: Record<string, unknown> = {};
  const nested: Record<string, UnknownFields> = {};
  const collections: Record<string, StoredCollection> = {};
  for (const [name, value] of Object.entries(stored)) {
    if (forbiddenNames.has(name)) continue;
    const isKnown = Object.hasOwn(validated, name);
    const inside = isKnown ? findUnknownFields(value, validated[name]) : undefined;
    if (inside) nested[name] = inside;
    else if (!isKnown && value !== undefined) values[name] = value;
    else if (isKnown && isCollection(value) && hasUnknownFields(value, validated[name]))
      collections[name] = { stored: value, validated: encodeCollection(validated[name]) };
  }
  const isEmpty = [values, nested, collections].every((fields) => Object.keys(fields).length === 0);
  return isEmpty ? undefined : { values, nested, collections };
}

/** Whether the schema dropped a field anywhere in a list, Map or Set. */
function hasUnknownFields(stored: unknown, validated: unknown): boolean {
  if (!isCollection(stored) || !isCollection(validated)) return findUnknownFields(stored, validated) !== undefined;
  const [entries, others] = [[...stored], [...validated]];
  return entries.length === others.length && entries.some((entry, at) => hasUnknownFields(entry, others[at]));
}

type Collection = readonly unknown[] | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

function isCollection(value: unknown): value is Collection {
  return Array.isArray(value) || value instanceof Map || value instanceof Set;
}

/** Text, because `isDeepStrictEqual` does not tell two URLs apart in Node 20. */
function encodeCollection(value: unknown): string {
  return JSON.stringify(serialize(value));
}

/** Adds unknown fields to new data. A field that the new data has itself, or whose object it no longer has, is left out. */
export function addUnknownFields(data: unknown, unknown: UnknownFields | undefined): unknown {
  if (!unknown || !hasNamedFields(data)) return data;
  const merged: Record<string, unknown> = { ...unknown.values, ...data };
  for (const [name, fields] of Object.entries(unknown.nested)) {
    if (Object.hasOwn(data, name)) merged[name] = addUnknownFields(data[name], fields);
  }
  for (const [name, { stored, validated }] of Object.entries(unknown.collections)) {
    if (isCollection(data[name]) && encodeCollection(data[name]) === validated) merged[name] = stored;
  }
  return merged;
}

function hasNamedFields(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
