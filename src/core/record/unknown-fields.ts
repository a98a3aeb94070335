/**
 * The fields of stored data that the schema of this version of the app does not have, at every depth. Another version may
 * have written them, so an update keeps them.
 */
export interface UnknownFields {
  readonly values: Readonly<Record<string, unknown>>;
  readonly nested: Readonly<Record<string, UnknownFields>>;
}

/** Names that lead to a prototype. Nothing is stored under them. */
export const forbiddenNames: ReadonlySet<PropertyKey> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Finds the fields that a schema dropped. Only plain objects are compared: the entries of lists, Maps and Sets have no
 * names by which they could be merged again.
 *
 * @param stored The data as it was stored, or as `migrate` returned it.
 * @param validated The same data after the schema.
 */
export function findUnknownFields(stored: unknown, validated: unknown): UnknownFields | undefined {
  if (!hasNamedFields(stored) || !hasNamedFields(validated)) return undefined;
  const values: Record<string, unknown> = {};
  const nested: Record<string, UnknownFields> = {};
  for (const [name, value] of Object.entries(stored)) {
    if (forbiddenNames.has(name)) continue;
    const isKnown = Object.hasOwn(validated, name);
    const inside = isKnown ? findUnknownFields(value, validated[name]) : undefined;
    if (inside) nested[name] = inside;
    else if (!isKnown && value !== undefined) values[name] = value;
  }
  const isEmpty = Object.keys(values).length + Object.keys(nested).length === 0;
  return isEmpty ? undefined : { values, nested };
}

/** Adds unknown fields to new data. A field that the new data has itself, or whose object it no longer has, is left out. */
export function addUnknownFields(data: unknown, unknown: UnknownFields | undefined): unknown {
  if (!unknown || !hasNamedFields(data)) return data;
  const inside = Object.entries(unknown.nested).flatMap(([name, fields]) =>
    Object.hasOwn(data, name) ? [[name, addUnknownFields(data[name], fields)] as const] : [],
  );
  return { ...unknown.values, ...data, ...Object.fromEntries(inside) };
}

function hasNamedFields(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
