import type { StandardJSONSchemaV1 } from '@standard-schema/spec';

/** A JSON Schema of OpenAPI 3.1, which is draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Which way a value goes: what a validator takes, or what it makes of it. */
export type Side = 'input' | 'output';

/**
 * What a validator says of itself by Standard JSON Schema, or null where it offers nothing. What cannot be said in JSON
 * Schema, a Date or a class, is left open, the part or the whole.
 */
export function jsonSchemaOf(validator: unknown, side: Side): JsonSchema | null {
  const standard = standardOf(validator);
  if (!standard) return null;
  const libraryOptions = leavesOpen[standard.vendor];
  try {
    const schema = standard.jsonSchema[side]({ target: 'draft-2020-12', ...(libraryOptions && { libraryOptions }) });
    return withoutDialect(schema);
  } catch {
    return null;
  }
}

/** How each library is told to leave open what it cannot represent, rather than to throw. */
const leavesOpen: Readonly<Record<string, Record<string, unknown>>> = {
  zod: { unrepresentable: 'any' },
  valibot: { errorMode: 'ignore' },
};

function standardOf(validator: unknown): StandardJSONSchemaV1['~standard'] | null {
  if ((typeof validator !== 'object' && typeof validator !== 'function') || validator === null) return null;
  const standard = (validator as Partial<StandardJSONSchemaV1>)['~standard'];
  return typeof standard?.jsonSchema?.input === 'function' ? standard : null;
}

/** The document names its dialect once, for all. */
function withoutDialect({ $schema: _, ...schema }: Record<string, unknown>): JsonSchema {
  return schema;
}
