import { moveDefinitions } from './components.ts';
import { createSessionExtension, describeGuards, toSecurityRequirements } from './guards.ts';
import { canBeUndefined, type JsonSchema, toJsonSchema } from './json-schema.ts';
import { getRouterPath, type RouterProcedure, toHttpMethod, toRecord } from './procedures.ts';
import { type DocumentContext, describeResponses } from './responses.ts';
import { wrapSchema } from './transformer.ts';

/** An operation object of OpenAPI. */
export type Operation = JsonSchema;

/** Describes how one procedure is called over HTTP. */
export function describeOperation(procedure: RouterProcedure, context: DocumentContext): Operation {
  const { path, guards } = procedure;
  const tag = getRouterPath(path);
  return {
    operationId: path,
    ...(tag !== '' && { tags: [tag] }),
    ...describeTexts(procedure),
    ...describeRequest(procedure, context),
    responses: describeResponses(procedure, context),
    security: toSecurityRequirements(guards, context.components.securitySchemes),
    ...(guards.length > 0 && { 'x-session': createSessionExtension(guards, toHttpMethod(procedure)) }),
  };
}

/** Combines the texts of the procedure's meta, or of `meta.openapi` as for `trpc-to-openapi`, with those of its guards. */
function describeTexts({ meta, guards }: RouterProcedure): JsonSchema {
  const { summary, description, deprecated } = { ...toRecord(meta.openapi), ...meta };
  const paragraphs = [description, describeGuards(guards)].filter((text) => typeof text === 'string' && text !== '');
  return {
    ...(typeof summary === 'string' && { summary }),
    ...(paragraphs.length > 0 && { description: paragraphs.join('\n\n') }),
    ...(deprecated === true && { deprecated }),
  };
}

function describeRequest(procedure: RouterProcedure, context: DocumentContext): JsonSchema {
  const { inputs, type } = procedure;
  if (inputs.length === 0) return type === 'mutation' ? { requestBody: emptyBody } : {};
  const isOptional = inputs.every(canBeUndefined);
  const schema = wrapSchema(describeInput(procedure, context), context.transformer.input, { isOptional });
  const content = { 'application/json': { schema } };
  // tRPC parses the body of every mutation that takes input. It rejects an empty body even if the input is optional.
  if (type === 'mutation') return { requestBody: { required: true, content } };
  return { parameters: [{ name: 'input', in: 'query', required: !isOptional, content }] };
}

/** Describes the input. tRPC passes the same input to every validator of a procedure, so it must satisfy all of them. */
function describeInput({ inputs, path }: RouterProcedure, { transformer, components }: DocumentContext): JsonSchema {
  const options = { direction: 'input', describeDates: transformer.input === 'superjson' } as const;
  const [first = {}, ...others] = inputs.map((validator) => {
    return moveDefinitions(toJsonSchema(validator, options) ?? unknownInput, `${path}.input`, components.schemas);
  });
  return others.length > 0 ? { allOf: [first, ...others] } : first;
}

const unknownInput: JsonSchema = { description: 'Not described: the input validator provides no JSON Schema.' };

const emptyBody: JsonSchema = {
  description: 'Takes no input. The content type must still be JSON.',
  required: true,
  content: { 'application/json': { schema: {}, example: {} } },
};
