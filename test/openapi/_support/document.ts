import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';

type Json = Readonly<Record<string, unknown>>;

/** What an independent reader finds wrong with a document. */
export async function complaintsAbout(document: object): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(structuredClone(document) as Record<string, unknown>);
  return valid ? null : errors;
}

/** The pointers of all JSON Schemas of a document. Each is one, by draft 2020-12, and compiles, or this throws. */
export function schemasIn(document: object): readonly string[] {
  const base = idOf(document);
  return [...pointersIn(document, '#')].map(([pointer, schema]) => {
    if (!ajv.validateSchema(schema)) throw new Error(`${pointer}: ${ajv.errorsText()}`);
    ajv.compile({ $ref: `${base}${pointer}` });
    return pointer;
  });
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv as never);

const ids = new WeakMap<object, string>();
let count = 0;

/** The id under which a document can be referred to. One reader serves all, since making one takes longer than the reading. */
function idOf(document: object): string {
  const id = ids.get(document) ?? `document:${count++}`;
  if (!ids.has(document)) ajv.addSchema(document, id);
  ids.set(document, id);
  return id;
}

/** Where schemas stand: below `schema` of a parameter, body or answer, among the components, or among a stream's events. */
function* pointersIn(value: unknown, at: string): Generator<[pointer: string, schema: object]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, held] of Object.entries(value)) {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25')}`;
    const isSchema = key === 'schema' || at === '#/components/schemas' || at.endsWith('/x-events');
    if (isSchema) yield [pointer, held];
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
  return schemaMismatch(document, content?.schema, body);
}

/** What is wrong with an input as it is on the wire, by what the document says of an operation; null for nothing. */
export function inputMismatch(document: object, path: string, input: unknown): unknown {
  const { parameters, requestBody } = operationAt(document, path) as Record<
    string,
    { content: unknown }[] & { content: unknown }
  >;
  const content = (parameters?.[0]?.content ?? requestBody?.content) as Record<string, { schema: object }> | undefined;
  return schemaMismatch(document, content?.['application/json']?.schema, input);
}

/** What is wrong with a value, by a schema of the document; null for nothing. */
export function schemaMismatch(document: object, schema: object | undefined, value: unknown): unknown {
  if (!schema) return 'no schema';
  const validate = ajv.compile(rebased(schema, idOf(document)));
  return validate(value) ? null : validate.errors;
}

/** A schema of a document, for use outside of it. */
function rebased(schema: object, id: string): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', `"$ref":"${id}#`)) as object;
}
