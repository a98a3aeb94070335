import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';

/** A JSON Schema of OpenAPI 3.1: draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Which way a value goes: what a validator takes, or what it makes of it. */
export type Side = 'input' | 'output';

export interface JsonSchemaOptions {
  readonly side: Side;
  /** Whether a Date travels as text that is one again on arrival. */
  readonly dates: boolean;
}

/**
 * What a validator says of itself by Standard JSON Schema, or null where it says nothing. What JSON Schema has no words for,
 * such as a class, is left open: the part or the whole.
 */
export function toJsonSchema(validator: unknown, { side, dates }: JsonSchemaOptions): JsonSchema | null {
  const { jsonSchema, vendor = '' } = getStandardProps<Partial<StandardJSONSchemaV1['~standard']>>(validator);
  if (typeof jsonSchema?.[side] !== 'function') return null;
  const libraryOptions = lenientOptions[vendor]?.(dates);
  try {
    const { $schema: _, ...schema } = jsonSchema[side]({
      target: 'draft-2020-12',
      ...(libraryOptions && { libraryOptions }),
    });
    // What is no JSON, such as a default, must not get into the document.
    return JSON.parse(JSON.stringify(schema)) as JsonSchema;
  } catch {
    return null;
  }
}

/** Whether a call may come without input. What cannot be told at once is not promised. */
export function acceptsUndefined(validator: unknown): boolean {
  try {
    const result = getStandardProps<Partial<StandardSchemaV1['~standard']>>(validator).validate?.(undefined);
    if (!(result instanceof Promise)) return result !== undefined && !result.issues;
    result.catch(() => {});
    return false;
  } catch {
    return false;
  }
}

/** How each library is told to leave open what it cannot say, rather than to throw. */
const lenientOptions: Readonly<Record<string, (dates: boolean) => Record<string, unknown>>> = {
  zod: (dates) => ({
    unrepresentable: ({ zodSchema }: Unrepresentable) => (dates && zodSchema._zod.def.type === 'date' ? date : 'any'),
  }),
  arktype: (dates) => ({
    fallback: { ...(dates && { date: () => date }), default: ({ base }: { base: object }) => base },
  }),
  valibot: () => ({ errorMode: 'ignore' }),
};

const date: JsonSchema = { type: 'string', format: 'date-time' };

interface Unrepresentable {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string } } };
}

function getStandardProps<Standard extends object>(validator: unknown): Partial<Standard> {
  const isObject = (typeof validator === 'object' || typeof validator === 'function') && validator !== null;
  return isObject && '~standard' in validator ? (validator['~standard'] as Standard) : {};
}
