import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';

type Json = Readonly<Record<string, unknown>>;

/** Returns the errors that an independent OpenAPI validator finds in a document, or null. */
export async function validateDocument(document: object): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(structuredClone(document) as Record<string, unknown>);
  return valid ? null : errors;
}

/**
 * Compiles every JSON Schema of a document and returns their pointers.
 *
 * @throws Error if one of them is not valid by draft 2020-12 or does not compile.
 */
export function compileSchemas(document: object): readonly string[] {
  const base = getDocumentId(document);
  return [...listSchemas(document, '#')].map(([pointer, schema]) => {
    if (!ajv.validateSchema(schema)) throw new Error(`${pointer}: ${ajv.errorsText()}`);
    ajv.compile({ $ref: `${base}${pointer}` });
    return pointer;
  });
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv as never);

const ids = new WeakMap<object, string>();
let count = 0;

/** Returns the id that references to a document use. One Ajv holds all documents, because creating one is slow. */
function getDocumentId(document: object): string {
  const id = ids.get(document) ?? `document:${count++}`;
  if (!ids.has(document)) ajv.addSchema(document, id);
  ids.set(document, id);
  return id;
}

/** Lists the schemas of a document: `schema` of parameters, bodies and responses, the components, the events of streams. */
function* listSchemas(value: unknown, at: string): Generator<[pointer: string, schema: object]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25')}`;
    const isSchema = key === 'schema' || at === '#/components/schemas' || at.endsWith('/x-events');
    if (isSchema) yield [pointer, child];
    else yield* listSchemas(child, pointer);
  }
}

/** Returns the response of an operation for a status. A reference is resolved. */
export function getResponse(document: object, path: string, status: number | string): Json | undefined {
  const operation = getOperation(document, path);
  const responses = operation.responses as Json;
  return resolveReference(document, responses[status]) as Json | undefined;
}

export function getOperation(document: object, path: string): Json {
  const item = (document as { paths: Record<string, Json> }).paths[`/${path}`] ?? {};
  const [operation] = Object.values(item);
  expect(operation, `an operation at /${path}`).toBeDefined();
  return operation as Json;
}

function resolveReference(document: object, value: unknown): unknown {
  const ref = (value as { $ref?: unknown } | undefined)?.$ref;
  if (typeof ref !== 'string') return value;
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((part, key) => (part as Json)[key], document);
}

/** Returns how a body differs from a response of the document, or null. */
export function findMismatch(document: object, response: Json | undefined, body: unknown): unknown {
  const content = (response?.content as Record<string, { schema: object }> | undefined)?.['application/json'];
  return findSchemaMismatch(document, content?.schema, body);
}

/** Returns how an encoded input differs from what an operation of the document takes, or null. */
export function findInputMismatch(document: object, path: string, input: unknown): unknown {
  const { parameters, requestBody } = getOperation(document, path) as Record<
    string,
    { content: unknown }[] & { content: unknown }
  >;
  const content = (parameters?.[0]?.content ?? requestBody?.content) as Record<string, { schema: object }> | undefined;
  return findSchemaMismatch(document, content?.['application/json']?.schema, input);
}

/** Returns how a value differs from a schema of the document, or null. */
export function findSchemaMismatch(document: object, schema: object | undefined, value: unknown): unknown {
  if (!schema) return 'no schema';
  const validate = ajv.compile(rebaseReferences(schema, getDocumentId(document)));
  return validate(value) ? null : validate.errors;
}

/** Makes the references of a schema absolute, so that it can be compiled outside its document. */
function rebaseReferences(schema: object, id: string): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', `"$ref":"${id}#`)) as object;
}
