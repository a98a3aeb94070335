import type { JsonSchema } from './json-schema.ts';

const singleKeywords = [
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
];
const unevaluatedKeywords = ['unevaluatedItems', 'unevaluatedProperties'];
const listKeywords = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const mapKeywords = ['$defs', 'dependentSchemas', 'patternProperties', 'properties'];

/**
 * Copies a schema and calls `change` on every schema in it, the innermost first and the whole last. Values that are not
 * schemas, such as defaults, stay as they are.
 */
export function mapSchema(schema: unknown, change: (schema: JsonSchema) => JsonSchema): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const mapPart = (part: unknown): unknown => mapSchema(part, change);
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (singleKeywords.includes(key) || unevaluatedKeywords.includes(key)) return [key, mapPart(value)];
    if (listKeywords.includes(key) && Array.isArray(value)) return [key, value.map(mapPart)];
    if (mapKeywords.includes(key)) return [key, mapValues(value as object, mapPart)];
    return [key, value];
  });
  return change(Object.fromEntries(entries));
}

/** Returns the schema of an object. All properties are required unless `required` lists them. */
export function createObjectSchema(properties: JsonSchema, required = Object.keys(properties)): JsonSchema {
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

export function mapValues<Value, Mapped>(
  record: Readonly<Record<string, Value>> | object,
  change: (value: Value, key: string) => Mapped,
): Record<string, Mapped> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value as Value, key)]));
}
