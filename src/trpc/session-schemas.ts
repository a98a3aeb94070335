import type { StandardJSONSchemaV1 } from '@standard-schema/spec';
import type { StandardSchemaV1 } from '../core/record/schema.ts';

/** A validator that documents can read. */
export type DocumentedSchema<Input, Output = Input> = StandardSchemaV1<Input, Output> &
  StandardJSONSchemaV1<Input, Output>;

type Validate<Output> = StandardSchemaV1<unknown, Output>['~standard']['validate'];

function createDocumentedSchema<Output>(
  schema: Record<string, unknown>,
  validate: Validate<Output>,
): DocumentedSchema<unknown, Output> {
  const say = (): Record<string, unknown> => schema;
  return { '~standard': { version: 1, vendor: 'trpc-session', validate, jsonSchema: { input: say, output: say } } };
}

/** Says what a procedure answers. The answer is ours, so that there is nothing to check but that it is there. */
function createOutputSchema(schema: Record<string, unknown>): DocumentedSchema<unknown> {
  return createDocumentedSchema(schema, (value) =>
    value === undefined ? { issues: [{ message: 'No answer.' }] } : { value },
  );
}

function toObjectSchema(properties: Record<string, unknown>): Record<string, unknown> {
  return { type: 'object', properties, required: Object.keys(properties) };
}

const time = { type: 'number', description: 'Milliseconds since the epoch.' };
const text = { type: 'string' };

const authenticated = toObjectSchema({
  status: { const: 'authenticated' },
  data: { description: 'What the browser may see of the session.' },
  id: text,
  revision: { type: 'integer' },
  at: time,
  idleExpiresAt: time,
  expiresAt: time,
});
const unauthenticated = toObjectSchema({ status: { const: 'unauthenticated' }, at: time });
const listedSchema = toObjectSchema({
  id: text,
  current: { type: 'boolean' },
  createdAt: time,
  lastSeenAt: time,
  device: { type: ['string', 'null'] },
});

/** What a document says of each of the session's procedures. */
export const descriptions = {
  get: 'What the browser may see of the session. Asking keeps nothing alive.',
  set: 'Changes what the browser may change.',
  destroy: 'Signs out. Twice is fine.',
  list: 'Where this user is signed in.',
  revoke: "Ends one of this user's sessions by its id.",
  revokeOthers: "Ends all of this user's sessions but this one.",
};

/** What each of them answers. */
export const outputSchemas = {
  get: createOutputSchema({ anyOf: [authenticated, unauthenticated] }),
  set: createOutputSchema(authenticated),
  destroy: createOutputSchema(toObjectSchema({ cookieCleared: { type: 'boolean' } })),
  list: createOutputSchema({ type: 'array', items: listedSchema }),
  revoke: createOutputSchema(toObjectSchema({ revoked: { type: 'boolean' } })),
  revokeOthers: createOutputSchema(toObjectSchema({ revoked: { type: 'integer' } })),
};

/** The id of a session, as `list` answers it. */
export const idInput: DocumentedSchema<unknown, { id: string }> = createDocumentedSchema(
  toObjectSchema({ id: { type: 'string', maxLength: 64 } }),
  (input) => {
    const id = typeof input === 'object' && input !== null && 'id' in input ? input.id : undefined;
    if (typeof id === 'string' && id.length <= 64) return { value: { id } };
    return { issues: [{ message: 'Send { id }, with an id from `list`.' }] };
  },
);
