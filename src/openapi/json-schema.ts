import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';

/** A JSON Schema of OpenAPI 3.1: draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface JsonSchemaOptions {
  /** Which values to describe: those that the validator accepts, or those that it returns. */
  readonly direction: 'input' | 'output';
  /** Whether a Date is described as date-time text. If false, it is left open, because text would not arrive as a Date. */
  readonly describeDates: boolean;
}

/**
 * Returns the JSON Schema that a validator provides by Standard JSON Schema, or null if it provides none. A part that JSON
 * Schema cannot express, such as a class, is left open. If the library cannot leave the part open, the result is null.
 */
export function toJsonSchema(validator: unknown, { direction, describeDates }: JsonSchemaOptions): JsonSchema | null {
  const { jsonSchema, vendor = '' } = getStandardProps<Partial<StandardJSONSchemaV1['~standard']>>(validator);
  if (typeof jsonSchema?.[direction] !== 'function') return null;
  const libraryOptions = lenientOptions[vendor]?.(describeDates);
  try {
    const { $schema: _, ...schema } = jsonSchema[direction]({
      target: 'draft-2020-12',
      ...(libraryOptions && { libraryOptions }),
    });
    // Some libraries put values into a schema that are not JSON, such as a bigint default. The document must stay JSON.
    return JSON.parse(JSON.stringify(schema)) as JsonSchema;
  } catch {
    return null;
  }
}

/** Returns whether a validator accepts `undefined`. If it decides that asynchronously, or throws, returns false. */
export function canBeUndefined(validator: unknown): boolean {
  try {
    const result = getStandardProps<Partial<StandardSchemaV1['~standard']>>(validator).validate?.(undefined);
    if (!(result instanceof Promise)) return result !== undefined && !result.issues;
    result.catch(() => {});
    return false;
  } catch {
    return false;
  }
}

/** The options that make each library leave open what it cannot express, instead of throwing. */
const lenientOptions: Readonly<Record<string, (describeDates: boolean) => Record<string, unknown>>> = {
  zod: (describeDates) => ({
    unrepresentable: ({ zodSchema }: Unrepresentable) =>
      describeDates && zodSchema._zod.def.type === 'date' ? dateSchema : 'any',
  }),
  arktype: (describeDates) => ({
    fallback: { ...(describeDates && { date: () => dateSchema }), default: ({ base }: { base: object }) => base },
  }),
  valibot: () => ({ errorMode: 'ignore' }),
};

const dateSchema: JsonSchema = { type: 'string', format: 'date-time' };

interface Unrepresentable {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string } } };
}

function getStandardProps<Standard extends object>(validator: unknown): Partial<Standard> {
  const isObject = (typeof validator === 'object' || typeof validator === 'function') && validator !== null;
  return isObject && '~standard' in validator ? (validator['~standard'] as Standard) : {};
}
