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
  const failure = errorAnswer(procedure, parts);
  if (procedure.type === 'subscription') return { 200: stream(procedure, parts), default: failure };
  const refusals = refusalsBy(procedure.guards, httpMethod(procedure)).map((refusal): [string, JsonSchema] => {
    return [String(refusal.status), errorAnswer(procedure, parts, refusal)];
  });
  return { 200: success(procedure, parts), ...Object.fromEntries(refusals), default: failure };
}

function success({ output, path }: RouterProcedure, { wire, components }: DocumentParts): JsonSchema {
  const said = jsonSchemaOf(output, { side: 'output', dates: true }) ?? unsaid;
  const mayLack = isOpen(said) || takesNothing(output);
  const written = asWritten(said, wire.output);
  const schema = placed(
    mayLack && wire.output === 'superjson' ? orNull(written) : written,
    `${path}.output`,
    components.schemas,
  );
  const data = wrapped(schema, wire.output, { mayLack });
  const result = objectSchema({ data }, mayLack ? [] : ['data']);
  return { description: 'The answer.', content: json(objectSchema({ result })) };
}

const unsaid: JsonSchema = {
  description: 'Not described: the procedure has no output validator that says what it answers.',
};

/** Once a stream has begun its status is sent, so that a refusal comes as one of its events. */
function stream(procedure: RouterProcedure, { wire, errorForm }: DocumentParts): JsonSchema {
  const refusals = refusalsBy(procedure.guards, httpMethod(procedure)).map(refusalText);
  const events = {
    message: wrapped(unsaid, wire.output, { mayLack: true }),
    'serialized-error': wrapped(errorSchema(procedure.formatsErrors ? 'custom' : errorForm), wire.output),
  };
  const description = [
    'Server-sent events: `connected`, one without a name for each value, and `return` at the end.',
    'An error comes as `serialized-error`, under status 200.',
    ...refusals,
  ].join(' ');
  return { description, content: { 'text/event-stream': { schema: { type: 'string' }, 'x-events': events } } };
}

function errorAnswer(procedure: RouterProcedure, parts: DocumentParts, refusal?: Refusal): JsonSchema {
  const { errorForm, components, wire } = parts;
  const form = procedure.formatsErrors ? 'custom' : errorForm;
  const error = wrapped(errorSchema(form, refusal), wire.output);
  const description = refusal ? refusalText(refusal) : 'Any other error.';
  const answer = { description, content: json(objectSchema({ error })) };
  if (procedure.formatsErrors) return answer;
  const name = refusal ? refusal.reasons.join('-') : 'error';
  components.responses[name] = answer;
  return { $ref: `#/components/responses/${name}` };
}

function json(schema: JsonSchema): JsonSchema {
  return { 'application/json': { schema } };
}
