import type { AnyTRPCRouter } from '@trpc/server';
import type { JsonSchema } from './json-schema.ts';
import { createObjectSchema, mapSchema, mapValues } from './schema-parts.ts';

/** What a transformer makes of values: nothing, superjson's `{ json, meta }`, or something of its own. */
export type Wrapping = 'none' | 'superjson' | 'custom';

/** How values travel to a router, and from it. */
export interface Wire {
  readonly input: Wrapping;
  readonly output: Wrapping;
}

/** Finds out what the router's transformer does, by handing it something. */
export function detectWire({ _def }: AnyTRPCRouter): Wire {
  const { input, output } = _def._config.transformer;
  return { input: detectWrapping(input), output: detectWrapping(output) };
}

function detectWrapping({ serialize }: { serialize(value: unknown): unknown }): Wrapping {
  const probe = { at: new Date(0) };
  try {
    const made = serialize(probe);
    if (made === probe) return 'none';
    const text = JSON.stringify(made);
    return text.startsWith('{"json":{"at":"1970-01-01T00:00:00.000Z"},"meta":{"values":{"at":["Date"]}')
      ? 'superjson'
      : 'custom';
  } catch {
    return 'custom';
  }
}

/** A schema as its values look once the transformer has wrapped them. `undefined` may be wrapped without a value. */
export function wrapSchema(schema: JsonSchema, wrapping: Wrapping, { mayLack = false } = {}): JsonSchema {
  if (wrapping === 'none') return schema;
  if (wrapping === 'custom') return { description: 'As the transformer of the app writes it.' };
  const meta = { type: 'object', description: 'Types that JSON lacks, by path: `{ "values": { "at": ["Date"] } }`.' };
  return createObjectSchema({ json: schema, meta }, mayLack ? [] : ['json']);
}

/**
 * The schema of an answer, as JSON writes it: a property that is `undefined` is left out, which one that may be anything can
 * be; superjson writes `null` and notes what it was.
 */
export function toWrittenSchema(schema: JsonSchema, wrapping: Wrapping): JsonSchema {
  const write = (part: ObjectPart): JsonSchema => {
    const { properties, required = [] } = part;
    if (!properties) return part as JsonSchema;
    if (wrapping !== 'superjson')
      return { ...part, required: required.filter((key) => !isOpenSchema(properties[key], schema)) };
    return {
      ...part,
      properties: mapValues(properties, (held, key) => (required.includes(key) ? held : allowNull(held))),
    };
  };
  return mapSchema(schema, write) as JsonSchema;
}

interface ObjectPart {
  readonly properties?: Readonly<Record<string, JsonSchema | boolean>>;
  readonly required?: readonly string[];
}

/** The same, or null. */
export function allowNull<Schema extends JsonSchema | boolean>(schema: Schema): Schema | JsonSchema {
  return isOpenSchema(schema, {}) ? schema : { anyOf: [schema, { type: 'null' }] };
}

const annotations = new Set([
  '$defs',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

/** Whether any value will do for a part of this root. */
export function isOpenSchema(schema: unknown, root: JsonSchema, passed: readonly unknown[] = []): boolean {
  if (typeof schema !== 'object' || schema === null) return schema !== false;
  // What leads back to itself says nothing on the way.
  if (passed.includes(schema)) return false;
  const { $ref, anyOf, ...others } = schema as JsonSchema;
  const isOpenWithin = (part: unknown): boolean => isOpenSchema(part, root, [...passed, schema]);
  if (Array.isArray(anyOf) && !anyOf.some(isOpenWithin)) return false;
  if (typeof $ref === 'string' && !isOpenWithin(findDefinition($ref, root))) return false;
  return Object.keys(others).every((key) => annotations.has(key));
}

function findDefinition(ref: string, { $defs }: JsonSchema): unknown {
  const [, name] = /^#\/\$defs\/([^/]+)$/.exec(ref) ?? [];
  return ($defs as JsonSchema | undefined)?.[name ?? ''] ?? false;
}
