import type { AnyTRPCRouter } from '@trpc/server';
import type { JsonSchema } from './json-schema.ts';
import { createObjectSchema, mapSchema, mapValues } from './schema-parts.ts';

/** How a transformer encodes values: not at all, as superjson's `{ json, meta }`, or in a format of the app's own. */
export type TransformerKind = 'none' | 'superjson' | 'custom';

/** How a router decodes its inputs and encodes its outputs. */
export interface RouterTransformer {
  readonly input: TransformerKind;
  readonly output: TransformerKind;
}

/** Detects the router's transformer by serializing a probe value with it. */
export function detectTransformer({ _def }: AnyTRPCRouter): RouterTransformer {
  const { input, output } = _def._config.transformer;
  return { input: detectTransformerKind(input), output: detectTransformerKind(output) };
}

function detectTransformerKind({ serialize }: { serialize(value: unknown): unknown }): TransformerKind {
  const probe = { at: new Date(0) };
  try {
    const serialized = serialize(probe);
    if (serialized === probe) return 'none';
    const text = JSON.stringify(serialized);
    return text.startsWith('{"json":{"at":"1970-01-01T00:00:00.000Z"},"meta":{"values":{"at":["Date"]}')
      ? 'superjson'
      : 'custom';
  } catch {
    return 'custom';
  }
}

/** Returns the schema of encoded values. If `isOptional`, the value may be missing, because `undefined` is encoded too. */
export function wrapSchema(schema: JsonSchema, kind: TransformerKind, { isOptional = false } = {}): JsonSchema {
  if (kind === 'none') return schema;
  if (kind === 'custom') return { description: "In the format of the app's own transformer." };
  const meta = { type: 'object', description: 'Types that JSON lacks, by path: `{ "values": { "at": ["Date"] } }`.' };
  return createObjectSchema({ json: schema, meta }, isOptional ? [] : ['json']);
}

/**
 * Returns the schema of an output as it is sent. JSON omits a property that is `undefined`, and a property without
 * constraints can be `undefined`, so it is not required. superjson sends `null` in its place and notes that in `meta`.
 */
export function toSerializedSchema(schema: JsonSchema, kind: TransformerKind): JsonSchema {
  const relax = (part: ObjectPart): JsonSchema => {
    const { properties, required = [] } = part;
    if (!properties) return part as JsonSchema;
    if (kind !== 'superjson') {
      return { ...part, required: required.filter((key) => !isUnconstrained(properties[key], schema)) };
    }
    return {
      ...part,
      properties: mapValues(properties, (property, key) => (required.includes(key) ? property : allowNull(property))),
    };
  };
  return mapSchema(schema, relax) as JsonSchema;
}

interface ObjectPart {
  readonly properties?: Readonly<Record<string, JsonSchema | boolean>>;
  readonly required?: readonly string[];
}

export function allowNull<Schema extends JsonSchema | boolean>(schema: Schema): Schema | JsonSchema {
  return isUnconstrained(schema, {}) ? schema : { anyOf: [schema, { type: 'null' }] };
}

/** Keywords that describe a value without constraining it. */
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

/** Returns whether any value is valid for a schema. `root` holds the definitions that the schema refers to. */
export function isUnconstrained(schema: unknown, root: JsonSchema, ancestors: readonly unknown[] = []): boolean {
  if (typeof schema !== 'object' || schema === null) return schema !== false;
  // A schema that leads back to itself without a constraint would recurse forever.
  if (ancestors.includes(schema)) return false;
  const { $ref, anyOf, ...keywords } = schema as JsonSchema;
  const isUnconstrainedPart = (part: unknown): boolean => isUnconstrained(part, root, [...ancestors, schema]);
  if (Array.isArray(anyOf) && !anyOf.some(isUnconstrainedPart)) return false;
  if (typeof $ref === 'string' && !isUnconstrainedPart(findDefinition($ref, root))) return false;
  return Object.keys(keywords).every((key) => annotations.has(key));
}

function findDefinition(ref: string, { $defs }: JsonSchema): unknown {
  const [, name] = /^#\/\$defs\/([^/]+)$/.exec(ref) ?? [];
  return ($defs as JsonSchema | undefined)?.[name ?? ''] ?? false;
}
