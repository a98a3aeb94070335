import { answersOf, type DocumentParts } from './answers.ts';
import { placed } from './components.ts';
import { guardText, securityOf, sessionFacts } from './guarding.ts';
import { type JsonSchema, jsonSchemaOf, takesNothing } from './json-schema.ts';
import { httpMethod, type RouterProcedure, recordOf, sectionOf } from './procedures.ts';
import { wrapped } from './wire.ts';

/** An operation of a document. */
export type Operation = JsonSchema;

/** One procedure as it is called over HTTP. */
export function operationOf(procedure: RouterProcedure, parts: DocumentParts): Operation {
  const { path, guards } = procedure;
  const section = sectionOf(path);
  return {
    operationId: path,
    ...(section !== '' && { tags: [section] }),
    ...texts(procedure),
    ...request(procedure, parts),
    responses: answersOf(procedure, parts),
    security: securityOf(guards, parts.components.securitySchemes),
    ...(guards.length > 0 && { 'x-session': sessionFacts(guards, httpMethod(procedure)) }),
  };
}

/** What the procedure's meta says, as for this document or as for `trpc-to-openapi`, and what its guards ask. */
function texts({ meta, guards }: RouterProcedure): JsonSchema {
  const { summary, description, deprecated } = { ...recordOf(meta.openapi), ...meta };
  const paragraphs = [description, guardText(guards)].filter((text) => typeof text === 'string' && text !== '');
  return {
    ...(typeof summary === 'string' && { summary }),
    ...(paragraphs.length > 0 && { description: paragraphs.join('\n\n') }),
    ...(deprecated === true && { deprecated }),
  };
}

function request(procedure: RouterProcedure, parts: DocumentParts): JsonSchema {
  const { inputs, type } = procedure;
  if (inputs.length === 0) return type === 'mutation' ? { requestBody: emptyBody } : {};
  const mayLack = inputs.every(takesNothing);
  const schema = wrapped(inputSchema(procedure, parts), parts.wire.input, { mayLack });
  const content = { 'application/json': { schema } };
  // tRPC parses the body of any mutation that takes input, so that an empty one is refused.
  if (type === 'mutation') return { requestBody: { required: true, content } };
  return { parameters: [{ name: 'input', in: 'query', required: !mayLack, content }] };
}

/** tRPC hands the same input to each of a procedure's validators. */
function inputSchema({ inputs, path }: RouterProcedure, { wire, components }: DocumentParts): JsonSchema {
  const [only = {}, ...more] = inputs.map((validator) => {
    const said = jsonSchemaOf(validator, { side: 'input', dates: wire.input === 'superjson' }) ?? unsaid;
    return placed(said, `${path}.input`, components.schemas);
  });
  return more.length > 0 ? { allOf: [only, ...more] } : only;
}

const unsaid: JsonSchema = { description: 'Not described: the validator says nothing in JSON Schema.' };

const emptyBody: JsonSchema = {
  description: 'Takes no input; the content type has to be JSON all the same.',
  required: true,
  content: { 'application/json': { schema: {}, example: {} } },
};
