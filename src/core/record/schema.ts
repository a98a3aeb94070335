import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SessionIssue } from '../errors.ts';

export type { StandardSchemaV1 } from '@standard-schema/spec';

/** The result of validation. */
export type Validation<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly issues: readonly SessionIssue[] };

/** Validates a value with any Standard Schema (zod, valibot, arktype), synchronous or asynchronous. */
export async function validate<S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
): Promise<Validation<StandardSchemaV1.InferOutput<S>>> {
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return { ok: true, value: result.value as StandardSchemaV1.InferOutput<S> };
  return {
    ok: false,
    issues: result.issues.map(({ message, path }) => ({ message, path: (path ?? []).map(toPropertyKey) })),
  };
}

function toPropertyKey(segment: PropertyKey | StandardSchemaV1.PathSegment): PropertyKey {
  return typeof segment === 'object' ? segment.key : segment;
}

export function isSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as Partial<StandardSchemaV1>)['~standard']?.validate === 'function';
}
