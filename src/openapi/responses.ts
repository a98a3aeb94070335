import { moveDefinitions, type OpenApiComponents } from './components.ts';
import { createErrorSchema, type ErrorShapeKind } from './errors.ts';
import { explainRefusal, type GuardRefusal, listRefusals } from './guards.ts';
import { canBeUndefined, type JsonSchema, toJsonSchema } from './json-schema.ts';
import { type RouterProcedure, toHttpMethod } from './procedures.ts';
import { createObjectSchema } from './schema-parts.ts';
import { allowNull, isUnconstrained, type RouterTransformer, toSerializedSchema, wrapSchema } from './transformer.ts';

/** What all operations of one document share. */
export interface DocumentContext {
  readonly transformer: RouterTransformer;
  readonly errorShape: ErrorShapeKind;
  /** Filled while the operations are described. */
  readonly components: OpenApiComponents;
}

/** Describes the responses of a procedure, by HTTP status. */
export function describeResponses(procedure: RouterProcedure, context: DocumentContext): JsonSchema {
  const errorShape = procedure.hasErrorFormatter ? 'custom' : context.errorShape;
  const refusals = listRefusals(procedure.guards, toHttpMethod(procedure));
  if (procedure.type === 'subscription') {
    return {
      200: describeStream(refusals, context, errorShape),
      default: describeOtherErrors(context, errorShape),
    };
  }
  const success = describeSuccess(procedure, context);
  // A formatter that changes the shape of errors can change their status to anything, so no status is promised.
  if (errorShape === 'custom') return { 200: success, default: describeOtherErrors(context, errorShape, refusals) };
  const described = refusals.map((refusal) => [refusal.status, describeRefusal(refusal, context)] as const);
  return { 200: success, ...Object.fromEntries(described), default: describeOtherErrors(context, errorShape) };
}

function describeSuccess({ output, path }: RouterProcedure, context: DocumentContext): JsonSchema {
  const { transformer, components } = context;
  const validated = toJsonSchema(output, { direction: 'output', describeDates: true }) ?? unknownOutput;
  const isOptional = isUnconstrained(validated, validated) || canBeUndefined(output);
  const serialized = toSerializedSchema(validated, transformer.output);
  const schema = moveDefinitions(serialized, `${path}.output`, components.schemas);
  const data = wrapSchema(isOptional ? allowNull(schema) : schema, transformer.output, { isOptional });
  const result = createObjectSchema({ data }, isOptional ? [] : ['data']);
  return { description: 'The result of the call.', content: toJsonContent(createObjectSchema({ result })) };
}

const unknownOutput: JsonSchema = {
  description: 'Not described: the procedure has no output validator that provides JSON Schema.',
};

/** Describes an event stream. Its status is sent before the guard runs, so a refusal is one of its events. */
function describeStream(
  refusals: readonly GuardRefusal[],
  { transformer }: DocumentContext,
  errorShape: ErrorShapeKind,
): JsonSchema {
  const events = {
    message: wrapSchema(unknownOutput, transformer.output, { isOptional: true }),
    'serialized-error': wrapSchema(createErrorSchema(errorShape), transformer.output),
  };
  const description = [
    'Server-sent events: first `connected`, then one event without a name for each value, at the end `return`.',
    'An error is sent as the event `serialized-error`, with status 200.',
    ...refusals.map(explainRefusal),
  ].join(' ');
  return { description, content: { 'text/event-stream': { schema: { type: 'string' }, 'x-events': events } } };
}

function describeRefusal(refusal: GuardRefusal, context: DocumentContext): JsonSchema {
  const { transformer, errorShape, components } = context;
  const error = wrapSchema(createErrorSchema(errorShape, refusal), transformer.output);
  const name = refusal.reasons.join('-');
  components.responses[name] = {
    description: explainRefusal(refusal),
    content: toJsonContent(createObjectSchema({ error })),
  };
  return { $ref: `#/components/responses/${name}` };
}

function describeOtherErrors(
  context: DocumentContext,
  errorShape: ErrorShapeKind,
  refusals: readonly GuardRefusal[] = [],
): JsonSchema {
  const error = wrapSchema(createErrorSchema(errorShape), context.transformer.output);
  const description = ['Any other error.', ...refusals.map(explainRefusal)].join(' ');
  const response = { description, content: toJsonContent(createObjectSchema({ error })) };
  if (refusals.length > 0 || errorShape !== context.errorShape) return response;
  context.components.responses.error = response;
  return { $ref: '#/components/responses/error' };
}

function toJsonContent(schema: JsonSchema): JsonSchema {
  return { 'application/json': { schema } };
}
