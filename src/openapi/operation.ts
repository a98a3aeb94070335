import { type Components, placed } from './components.ts';
import { type ErrorParts, errorSchema } from './errors.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import { type RouterProcedure, recordOf } from './procedures.ts';
import { meanings, type Refusal, refusalsBy } from './refusals.ts';
import { type SecuritySchemes, securityOf } from './security.ts';
import { type Wire, wrapped } from './wire.ts';

/** What all operations of one document share. */
export interface DocumentParts {
  readonly wire: Wire;
  readonly errors: ErrorParts;
  readonly components: Components;
  readonly schemes: SecuritySchemes;
}

/** An operation as it stands in a document. */
export type Operation = Readonly<Record<string, unknown>>;

/** One procedure in its real HTTP form: queries and subscriptions are GET, mutations are POST. */
export function operationOf(procedure: RouterProcedure, parts: DocumentParts): Operation {
  const { path, guards } = procedure;
  const section = path.split('.').slice(0, -1).join('.');
  return {
    operationId: path,
    ...(section !== '' && { tags: [section] }),
    ...texts(procedure),
    ...request(procedure, parts),
    responses: { ...success(procedure, parts), ...refusalResponses(procedure, parts), default: failure(parts) },
    security: guards.length > 0 ? securityOf(guards, parts.schemes) : [],
    ...(guards.length > 0 && { 'x-session': { verifiers: verifierNames(procedure) } }),
  };
}

/** The names of everything that a session is asked, null for a function that has none. */
function verifierNames({ guards }: RouterProcedure): readonly (string | null)[] {
  return [...new Set(guards.flatMap(({ verifiers }) => verifiers))].map(({ name }) => name || null);
}

function texts(procedure: RouterProcedure): JsonSchema {
  const { openapi, ...own } = procedure.meta;
  const { summary, description } = { ...recordOf(openapi), ...own };
  const paragraphs = [description, guardText(procedure)].filter((text) => typeof text === 'string');
  return {
    ...(typeof summary === 'string' && { summary }),
    ...(paragraphs.length > 0 && { description: paragraphs.join('\n\n') }),
  };
}

function guardText(procedure: RouterProcedure): string | null {
  if (procedure.guards.length === 0) return null;
  const names = verifierNames(procedure).map((name) => (name === null ? 'a function of the app' : `\`${name}\``));
  return names.length === 0 ? 'Needs a session.' : `Needs a session that passes ${names.join(' and ')}.`;
}

function request(procedure: RouterProcedure, { wire, components }: DocumentParts): JsonSchema {
  const { inputs, path, type } = procedure;
  const schemas = inputs.map((input) => jsonSchemaOf(input, 'input') ?? silent);
  const [only = {}, ...more] = schemas.map((schema) => placed(schema, `${path}.input`, components));
  const schema = wrapped(more.length > 0 ? { allOf: [only, ...more] } : only, wire.input);
  const content = { 'application/json': { schema } };
  if (type === 'mutation') return { requestBody: inputs.length > 0 ? { required: true, content } : noInput };
  return inputs.length > 0 ? { parameters: [{ name: 'input', in: 'query', required: true, content }] } : {};
}

const silent: JsonSchema = { description: 'The validator of this procedure says nothing in JSON Schema.' };

const noInput: JsonSchema = {
  description: 'Takes no input; tRPC asks for the content type all the same.',
  required: true,
  content: { 'application/json': { schema: {}, example: {} } },
};

function success({ output, path, type }: RouterProcedure, { wire, components }: DocumentParts): JsonSchema {
  if (type === 'subscription') return { 200: { description: 'A stream of events.', content: eventStream } };
  const schema = jsonSchemaOf(output, 'output');
  const data = wrapped(schema ? placed(schema, `${path}.output`, components) : {}, wire.output);
  const result = { type: 'object', properties: { data }, ...(schema && { required: ['data'] }) };
  const envelope = { type: 'object', properties: { result }, required: ['result'] };
  return { 200: { description: 'The answer.', content: { 'application/json': { schema: envelope } } } };
}

const eventStream = { 'text/event-stream': { schema: { type: 'string' } } };

function refusalResponses(procedure: RouterProcedure, parts: DocumentParts): JsonSchema {
  if (procedure.type === 'subscription') return {};
  const responses = refusalsBy(procedure).map((refusal): [number, JsonSchema] => [
    refusal.status,
    { description: refusalText(refusal), content: errorContent(parts, refusal) },
  ]);
  return Object.fromEntries(responses);
}

function refusalText({ reasons }: Refusal): string {
  return reasons.map((reason) => `\`${reason}\`: ${meanings[reason]}.`).join(' ');
}

function failure(parts: DocumentParts): JsonSchema {
  return { description: 'Any other error.', content: errorContent(parts) };
}

function errorContent({ errors, wire }: DocumentParts, refusal?: Refusal): JsonSchema {
  const error = wrapped(errorSchema(errors, refusal), wire.output);
  return { 'application/json': { schema: { type: 'object', properties: { error }, required: ['error'] } } };
}
