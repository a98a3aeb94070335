import { type OpenApiComponents, placed } from './components.ts';
import { type ErrorForm, errorSchema } from './errors.ts';
import { type Refusal, refusalsBy, refusalText } from './guarding.ts';
import { type JsonSchema, jsonSchemaOf, takesNothing } from './json-schema.ts';
import { httpMethod, type RouterProcedure } from './procedures.ts';
import { objectSchema } from './schema-parts.ts';
import { asWritten, isOpen, orNull, type Wire, wrapped } from './wire.ts';

/** What all operations of a document have in common. */
export interface DocumentParts {
  readonly wire: Wire;
  readonly errorForm: ErrorForm;
  readonly components: OpenApiComponents;
}

/** How a procedure answers, by HTTP status. */
export function answersOf(procedure: RouterProcedure, parts: DocumentParts): JsonSchema {
  const form = procedure.formatsErrors ? 'custom' : parts.errorForm;
  const refusals = refusalsBy(procedure.guards, httpMethod(procedure));
  if (procedure.type === 'subscription')
    return { 200: stream(refusals, parts, form), default: otherError(parts, form) };
  // A formatter that changes the shape of errors changes their status, and nobody can tell to what.
  if (form === 'custom') return { 200: success(procedure, parts), default: otherError(parts, form, refusals) };
  const refused = refusals.map((refusal) => [refusal.status, refusedAnswer(refusal, parts)] as const);
  return { 200: success(procedure, parts), ...Object.fromEntries(refused), default: otherError(parts, form) };
}

function success({ output, path }: RouterProcedure, { wire, components }: DocumentParts): JsonSchema {
  const said = jsonSchemaOf(output, { side: 'output', dates: true }) ?? unsaid;
  const mayLack = isOpen(said, said) || takesNothing(output);
  const schema = placed(asWritten(said, wire.output), `${path}.output`, components.schemas);
  const data = wrapped(mayLack ? orNull(schema) : schema, wire.output, { mayLack });
  const result = objectSchema({ data }, mayLack ? [] : ['data']);
  return { description: 'The answer.', content: json(objectSchema({ result })) };
}

const unsaid: JsonSchema = {
  description: 'Not described: the procedure has no output validator that says what it answers.',
};

/** Once a stream has begun its status is sent, so that a refusal comes as one of its events. */
function stream(refusals: readonly Refusal[], { wire }: DocumentParts, form: ErrorForm): JsonSchema {
  const events = {
    message: wrapped(unsaid, wire.output, { mayLack: true }),
    'serialized-error': wrapped(errorSchema(form), wire.output),
  };
  const description = [
    'Server-sent events: `connected`, one without a name for each value, and `return` at the end.',
    'An error comes as `serialized-error`, under status 200.',
    ...refusals.map(refusalText),
  ].join(' ');
  return { description, content: { 'text/event-stream': { schema: { type: 'string' }, 'x-events': events } } };
}

function refusedAnswer(refusal: Refusal, { wire, errorForm, components }: DocumentParts): JsonSchema {
  const error = wrapped(errorSchema(errorForm, refusal), wire.output);
  const name = refusal.reasons.join('-');
  components.responses[name] = { description: refusalText(refusal), content: json(objectSchema({ error })) };
  return { $ref: `#/components/responses/${name}` };
}

function otherError(parts: DocumentParts, form: ErrorForm, refusals: readonly Refusal[] = []): JsonSchema {
  const { components, errorForm, wire } = parts;
  const error = wrapped(errorSchema(form), wire.output);
  const description = ['Any other error.', ...refusals.map(refusalText)].join(' ');
  const answer = { description, content: json(objectSchema({ error })) };
  if (refusals.length > 0 || form !== errorForm) return answer;
  components.responses.error = answer;
  return { $ref: '#/components/responses/error' };
}

function json(schema: JsonSchema): JsonSchema {
  return { 'application/json': { schema } };
}
