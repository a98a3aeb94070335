import { placeSchema } from './components.ts';
import { describeGuards, toSecurityRequirements, toSessionFacts } from './guards.ts';
import { acceptsUndefined, type JsonSchema, toJsonSchema } from './json-schema.ts';
import { getSection, type RouterProcedure, toHttpMethod, toRecord } from './procedures.ts';
import { type DocumentParts, describeResponses } from './responses.ts';
import { wrapSchema } from './wire.ts';

/** An operation of a document. */
export type Operation = JsonSchema;

/** One procedure as it is called over HTTP. */
export function describeOperation(procedure: RouterProcedure, parts: DocumentParts): Operation {
  const { path, guards } = procedure;
  const section = getSection(path);
  return {
    operationId: path,
    ...(section !== '' && { tags: [section] }),
    ...describeTexts(procedure),
    ...describeRequest(procedure, parts),
    responses: describeResponses(procedure, parts),
    security: toSecurityRequirements(guards, parts.components.securitySchemes),
    ...(guards.length > 0 && { 'x-session': toSessionFacts(guards, toHttpMethod(procedure)) }),
  };
}

/** What the procedure's meta says, as for this document or as for `trpc-to-openapi`, and what its guards ask. */
function describeTexts({ meta, guards }: RouterProcedure): JsonSchema {
  const { summary, description, deprecated } = { ...toRecord(meta.openapi), ...meta };
  const paragraphs = [description, describeGuards(guards)].filter((text) => typeof text === 'string' && text !== '');
  return {
    ...(typeof summary === 'string' && { summary }),
    ...(paragraphs.length > 0 && { description: paragraphs.join('\n\n') }),
    ...(deprecated === true && { deprecated }),
  };
}

function describeRequest(procedure: RouterProcedure, parts: DocumentParts): JsonSchema {
  const { inputs, type } = procedure;
  if (inputs.length === 0) return type === 'mutation' ? { requestBody: emptyBody } : {};
  const mayLack = inputs.every(acceptsUndefined);
  const schema = wrapSchema(describeInput(procedure, parts), parts.wire.input, { mayLack });
  const content = { 'application/json': { schema } };
  // tRPC parses the body of any mutation that takes input, so that an empty one is refused.
  if (type === 'mutation') return { requestBody: { required: true, content } };
  return { parameters: [{ name: 'input', in: 'query', required: !mayLack, content }] };
}

/** tRPC hands the same input to each of a procedure's validators. */
function describeInput({ inputs, path }: RouterProcedure, { wire, components }: DocumentParts): JsonSchema {
  const [only = {}, ...more] = inputs.map((validator) => {
    const said = toJsonSchema(validator, { side: 'input', dates: wire.input === 'superjson' }) ?? unknownInput;
    return placeSchema(said, `${path}.input`, components.schemas);
  });
  return more.length > 0 ? { allOf: [only, ...more] } : only;
}

const unknownInput: JsonSchema = { description: 'Not described: the validator says nothing in JSON Schema.' };

const emptyBody: JsonSchema = {
  description: 'Takes no input; the content type has to be JSON all the same.',
  required: true,
  content: { 'application/json': { schema: {}, example: {} } },
};
