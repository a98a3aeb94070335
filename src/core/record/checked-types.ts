import type { StandardSchemaV1 } from './schema.ts';

/** The view, unless JSON cannot represent it. Then a message, to which no view is assignable. */
export type JsonView<View> =
  false extends IsJson<View>
    ? 'The view must be JSON: convert other values, for example a Date with getTime() or toISOString().'
    : View;

type IsJson<Value> = 0 extends 1 & Value
  ? true
  : Value extends string | number | boolean | null | undefined
    ? true
    : Value extends bigint | symbol | ((...args: never[]) => unknown)
      ? false
      : Value extends readonly (infer Item)[]
        ? IsJson<Item>
        : Value extends object
          ? { [K in keyof Value]-?: IsJson<Value[K]> }[keyof Value]
          : false;

/** The patch schema if it fits the session schema. Otherwise an error message, to which no schema is assignable. */
export type FittingPatch<Patch extends StandardSchemaV1, Input> =
  HasKnownKeys<StandardSchemaV1.InferOutput<Patch>, Input> extends true
    ? StandardSchemaV1.InferOutput<Patch> extends Partial<Input>
      ? Patch
      : 'The patch schema has a field whose type the session schema does not accept.'
    : 'The patch schema has a field that the session schema does not have.';

/** True if the keys of `Part` are unknown, too: then the session schema decides on every write. */
type HasKnownKeys<Part, Whole> = string extends keyof Part
  ? true
  : [Exclude<keyof Part, UnionKeys<Whole>>] extends [never]
    ? true
    : false;

/** The keys of every member of a union. */
type UnionKeys<Union> = Union extends unknown ? keyof Union : never;
