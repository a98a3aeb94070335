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

/** A copy of a schema in which every schema within has been changed, and then the whole. Values, such as defaults, stay. */
export function mapSchema(schema: unknown, change: (schema: JsonSchema) => JsonSchema): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const within = (held: unknown): unknown => mapSchema(held, change);
  const entries = Object.entries(schema).map(([key, held]): [string, unknown] => {
    if (singleKeywords.includes(key) || unevaluatedKeywords.includes(key)) return [key, within(held)];
    if (listKeywords.includes(key) && Array.isArray(held)) return [key, held.map(within)];
    if (mapKeywords.includes(key)) return [key, mapValues(held as object, within)];
    return [key, held];
  });
  return change(Object.fromEntries(entries));
}

/** An object with these properties; all are required unless it is said which. */
export function createObjectSchema(properties: JsonSchema, required = Object.keys(properties)): JsonSchema {
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

export function mapValues<Value, Made>(
  record: Readonly<Record<string, Value>> | object,
  change: (value: Value, key: string) => Made,
): Record<string, Made> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value as Value, key)]));
}
