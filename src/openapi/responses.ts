import { type OpenApiComponents, placeSchema } from './components.ts';
import { createErrorSchema, type ErrorForm } from './errors.ts';
import { explainRefusal, type GuardRefusal, listRefusals } from './guards.ts';
import { acceptsUndefined, type JsonSchema, toJsonSchema } from './json-schema.ts';
import { type RouterProcedure, toHttpMethod } from './procedures.ts';
import { createObjectSchema } from './schema-parts.ts';
import { allowNull, isOpenSchema, toWrittenSchema, type Wire, wrapSchema } from './wire.ts';

/** What all operations of a document have in common. */
export interface DocumentParts {
  readonly wire: Wire;
  readonly errorForm: ErrorForm;
  readonly components: OpenApiComponents;
}

/** How a procedure answers, by HTTP status. */
export function describeResponses(procedure: RouterProcedure, parts: DocumentParts): JsonSchema {
  const form = procedure.formatsErrors ? 'custom' : parts.errorForm;
  const refusals = listRefusals(procedure.guards, toHttpMethod(procedure));
  if (procedure.type === 'subscription')
    return { 200: describeStream(refusals, parts, form), default: describeOtherError(parts, form) };
  // A formatter that changes the shape of errors changes their status, and nobody can tell to what.
  if (form === 'custom')
    return { 200: describeSuccess(procedure, parts), default: describeOtherError(parts, form, refusals) };
  const refused = refusals.map((refusal) => [refusal.status, describeRefusal(refusal, parts)] as const);
  return {
    200: describeSuccess(procedure, parts),
    ...Object.fromEntries(refused),
    default: describeOtherError(parts, form),
  };
}

function describeSuccess({ output, path }: RouterProcedure, { wire, components }: DocumentParts): JsonSchema {
  const said = toJsonSchema(output, { side: 'output', dates: true }) ?? unknownOutput;
  const mayLack = isOpenSchema(said, said) || acceptsUndefined(output);
  const schema = placeSchema(toWrittenSchema(said, wire.output), `${path}.output`, components.schemas);
  const data = wrapSchema(mayLack ? allowNull(schema) : schema, wire.output, { mayLack });
  const result = createObjectSchema({ data }, mayLack ? [] : ['data']);
  return { description: 'The answer.', content: toJsonContent(createObjectSchema({ result })) };
}

const unknownOutput: JsonSchema = {
  description: 'Not described: the procedure has no output validator that says what it answers.',
};

/** Once a stream has begun its status is sent, so that a refusal comes as one of its events. */
function describeStream(refusals: readonly GuardRefusal[], { wire }: DocumentParts, form: ErrorForm): JsonSchema {
  const events = {
    message: wrapSchema(unknownOutput, wire.output, { mayLack: true }),
    'serialized-error': wrapSchema(createErrorSchema(form), wire.output),
  };
  const description = [
    'Server-sent events: `connected`, one without a name for each value, and `return` at the end.',
    'An error comes as `serialized-error`, under status 200.',
    ...refusals.map(explainRefusal),
  ].join(' ');
  return { description, content: { 'text/event-stream': { schema: { type: 'string' }, 'x-events': events } } };
}

function describeRefusal(refusal: GuardRefusal, { wire, errorForm, components }: DocumentParts): JsonSchema {
  const error = wrapSchema(createErrorSchema(errorForm, refusal), wire.output);
  const name = refusal.reasons.join('-');
  components.responses[name] = {
    description: explainRefusal(refusal),
    content: toJsonContent(createObjectSchema({ error })),
  };
  return { $ref: `#/components/responses/${name}` };
}

function describeOtherError(parts: DocumentParts, form: ErrorForm, refusals: readonly GuardRefusal[] = []): JsonSchema {
  const { components, errorForm, wire } = parts;
  const error = wrapSchema(createErrorSchema(form), wire.output);
  const description = ['Any other error.', ...refusals.map(explainRefusal)].join(' ');
  const answer = { description, content: toJsonContent(createObjectSchema({ error })) };
  if (refusals.length > 0 || form !== errorForm) return answer;
  components.responses.error = answer;
  return { $ref: '#/components/responses/error' };
}

function toJsonContent(schema: JsonSchema): JsonSchema {
  return { 'application/json': { schema } };
}
