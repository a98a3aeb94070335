import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';

type Json = Readonly<Record<string, unknown>>;

/** What an independent reader finds wrong with a document. */
export async function complaintsAbout(document: object): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(structuredClone(document) as Record<string, unknown>);
  return valid ? null : errors;
}

/** The pointers of all JSON Schemas of a document, and a validator for each. */
export function schemasOf(document: object): ReadonlyMap<string, ValidateFunction> {
  const ajv = ajvOver(document);
  const pointers = [...pointersIn(document, '#')];
  return new Map(pointers.map((pointer) => [pointer, ajv.compile({ $ref: `document:${pointer}` })]));
}

const readers = new WeakMap<object, Ajv2020>();

/** One for each document, since making one takes longer than all that it does. */
function ajvOver(document: object): Ajv2020 {
  const reader = readers.get(document) ?? newReader(document);
  readers.set(document, reader);
  return reader;
}

function newReader(document: object): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true, addUsedSchema: false });
  addFormats.default(ajv as never);
  ajv.addSchema(document, 'document:');
  return ajv;
}

/** Where a schema stands: below `schema` of a parameter, body or answer, among the components, or among a stream's events. */
function* pointersIn(value: unknown, at: string): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, held] of Object.entries(value)) {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25')}`;
    const isSchema = key === 'schema' || /^#\/components\/schemas$/.test(at) || at.endsWith('/x-events');
    if (isSchema) yield pointer;
    else yield* pointersIn(held, pointer);
  }
}

/** The one of an operation's answers that a status has, references followed. */
export function answerOf(document: object, path: string, status: number | string): Json | undefined {
  const operation = operationAt(document, path);
  const answers = operation.responses as Json;
  return resolved(document, answers[status]) as Json | undefined;
}

export function operationAt(document: object, path: string): Json {
  const item = (document as { paths: Record<string, Json> }).paths[`/${path}`] ?? {};
  const [operation] = Object.values(item);
  expect(operation, `an operation at /${path}`).toBeDefined();
  return operation as Json;
}

function resolved(document: object, value: unknown): unknown {
  const ref = (value as { $ref?: unknown } | undefined)?.$ref;
  if (typeof ref !== 'string') return value;
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((held, key) => (held as Json)[key], document);
}

/** What is wrong with a body, by what the document says of this answer; null for nothing. */
export function mismatch(document: object, answer: Json | undefined, body: unknown): unknown {
  const content = (answer?.content as Record<string, { schema: object }> | undefined)?.['application/json'];
  if (!content) return 'no such answer';
  const validate = ajvOver(document).compile(rebased(content.schema));
  return validate(body) ? null : validate.errors;
}

/** What is wrong with an input as it is on the wire, by what the document says of an operation; null for nothing. */
export function inputMismatch(document: object, path: string, input: unknown): unknown {
  const { parameters, requestBody } = operationAt(document, path) as Record<
    string,
    { content: unknown }[] & { content: unknown }
  >;
  const content = (parameters?.[0]?.content ?? requestBody?.content) as Record<string, { schema: object }> | undefined;
  const schema = content?.['application/json']?.schema;
  if (!schema) return 'no input';
  const validate = ajvOver(document).compile(rebased(schema));
  return validate(input) ? null : validate.errors;
}

/** The schema of a part of the document, for use outside of it. */
export function rebased(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', '"$ref":"document:#')) as object;
}
