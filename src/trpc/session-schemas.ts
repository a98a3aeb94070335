import type { StandardJSONSchemaV1 } from '@standard-schema/spec';
import type { StandardSchemaV1 } from '../core/record/schema.ts';

/** A validator that also gives its JSON Schema, from which OpenAPI documents are generated. */
export type DocumentedSchema<Input, Output = Input> = StandardSchemaV1<Input, Output> &
  StandardJSONSchemaV1<Input, Output>;

type Validate<Output> = StandardSchemaV1<unknown, Output>['~standard']['validate'];

function createDocumentedSchema<Output>(
  schema: Record<string, unknown>,
  validate: Validate<Output>,
): DocumentedSchema<unknown, Output> {
  const getSchema = (): Record<string, unknown> => schema;
  const jsonSchema = { input: getSchema, output: getSchema };
  return { '~standard': { version: 1, vendor: 'trpc-session', validate, jsonSchema } };
}

/** Describes what a procedure returns. The library makes the value itself, so it checks only that there is one. */
function createOutputSchema(schema: Record<string, unknown>): DocumentedSchema<unknown> {
  return createDocumentedSchema(schema, (value) =>
    value === undefined ? { issues: [{ message: 'The procedure returned undefined.' }] } : { value },
  );
}

function toObjectSchema(properties: Record<string, unknown>) {
  return { type: 'object', properties, required: Object.keys(properties) };
}

const time = { type: 'number', description: 'Milliseconds since the epoch.' };
const text = { type: 'string' };

const authenticated = toObjectSchema({
  status: { const: 'authenticated' },
  data: { description: 'The part of the session that the browser may see.' },
  id: text,
  revision: { type: 'integer' },
  at: time,
  idleExpiresAt: time,
  expiresAt: time,
});
const signedOut = toObjectSchema({ status: { const: 'unauthenticated' }, at: time });
const ended = {
  enum: ['signed-out', 'revoked', 'evicted', 'replaced'],
  description: 'Why the session ended, if known.',
};
const unauthenticated = { ...signedOut, properties: { ...signedOut.properties, ended } };
const listedSchema = toObjectSchema({
  id: text,
  current: { type: 'boolean' },
  createdAt: time,
  lastSeenAt: time,
  device: { type: ['string', 'null'] },
});

/** The descriptions of the session procedures in an OpenAPI document. */
export const descriptions = {
  get: 'Returns the part of the session that the browser may see. Does not extend the idle timeout.',
  set: 'Changes the fields of the session that the browser may change.',
  destroy: 'Signs the user out. Idempotent.',
  touch: 'Records a use of the session, so that its idle timeout starts again.',
  list: 'Lists the sessions of this user, one for each signed-in device.',
  revoke: 'Ends one session of this user by its id: signs that device out.',
  revokeOthers: 'Signs out everywhere else: ends all sessions of this user except the current one.',
};

/** The schemas of what they return. */
export const outputSchemas = {
  get: createOutputSchema({ anyOf: [authenticated, unauthenticated] }),
  set: createOutputSchema(authenticated),
  destroy: createOutputSchema(toObjectSchema({ cookieCleared: { type: 'boolean' } })),
  touch: createOutputSchema(toObjectSchema({ touched: { const: true } })),
  list: createOutputSchema({ type: 'array', items: listedSchema }),
  revoke: createOutputSchema(toObjectSchema({ revoked: { type: 'boolean' } })),
  revokeOthers: createOutputSchema(toObjectSchema({ revoked: { type: 'integer' } })),
};

/** The input of `revoke`: the id of a session, as `list` returns it. */
export const idInput: DocumentedSchema<unknown, { id: string }> = createDocumentedSchema(
  toObjectSchema({ id: { type: 'string', maxLength: 64 } }),
  (input) => {
    const id = typeof input === 'object' && input !== null && 'id' in input ? input.id : undefined;
    if (typeof id === 'string' && id.length <= 64) return { value: { id } };
    return { issues: [{ message: 'Send { id } with an id that `list` returned.' }] };
  },
);
