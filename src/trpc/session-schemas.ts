import type { StandardJSONSchemaV1 } from '@standard-schema/spec';
import type { StandardSchemaV1 } from '../core/schema.ts';

/** A validator that documents can read. */
export type Described<Input, Output = Input> = StandardSchemaV1<Input, Output> & StandardJSONSchemaV1<Input, Output>;

type Validate<Output> = StandardSchemaV1<unknown, Output>['~standard']['validate'];

function described<Output>(schema: Record<string, unknown>, validate: Validate<Output>): Described<unknown, Output> {
  const say = (): Record<string, unknown> => schema;
  return { '~standard': { version: 1, vendor: 'trpc-session', validate, jsonSchema: { input: say, output: say } } };
}

/** Says what a procedure answers. The answer is ours, so that there is nothing to check but that it is there. */
function answer(schema: Record<string, unknown>): Described<unknown> {
  return described(schema, (value) => (value === undefined ? { issues: [{ message: 'No answer.' }] } : { value }));
}

function object(properties: Record<string, unknown>): Record<string, unknown> {
  return { type: 'object', properties, required: Object.keys(properties) };
}

const time = { type: 'number', description: 'Milliseconds since the epoch.' };
const text = { type: 'string' };

const authenticated = object({
  status: { const: 'authenticated' },
  data: { description: 'What the browser may see of the session.' },
  id: text,
  revision: { type: 'integer' },
  at: time,
  idleExpiresAt: time,
  expiresAt: time,
});
const unauthenticated = object({ status: { const: 'unauthenticated' }, at: time });
const listed = object({
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
export const answers = {
  get: answer({ anyOf: [authenticated, unauthenticated] }),
  set: answer(authenticated),
  destroy: answer(object({ cookieCleared: { type: 'boolean' } })),
  list: answer({ type: 'array', items: listed }),
  revoke: answer(object({ revoked: { type: 'boolean' } })),
  revokeOthers: answer(object({ revoked: { type: 'integer' } })),
};

/** The id of a session, as `list` answers it. */
export const idInput: Described<unknown, { id: string }> = described(
  object({ id: { type: 'string', maxLength: 64 } }),
  (input) => {
    const id = typeof input === 'object' && input !== null && 'id' in input ? input.id : undefined;
    if (typeof id === 'string' && id.length <= 64) return { value: { id } };
    return { issues: [{ message: 'Send { id }, with an id from `list`.' }] };
  },
);
