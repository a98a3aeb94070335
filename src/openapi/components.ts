import type { SecuritySchemes } from './guards.ts';
import type { JsonSchema } from './json-schema.ts';
import { mapSchema } from './schema-parts.ts';

/** The parts of a document that have a name and are referred to by it. */
export interface OpenApiComponents {
  readonly schemas: Record<string, JsonSchema>;
  readonly responses: Record<string, JsonSchema>;
  readonly securitySchemes: SecuritySchemes;
}

const schemasPrefix = '#/components/schemas/';

/**
 * Makes a schema usable inside a document, where `#` refers to the document and not to the schema. Its definitions move to
 * `schemas`, under names that begin with `baseName`. A schema that refers to itself moves there too.
 */
export function moveDefinitions(schema: JsonSchema, baseName: string, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $defs = {}, ...root } = schema;
  const definitions = { ...($defs as Record<string, JsonSchema>), ...(containsItself(schema) && { [rootKey]: root }) };
  const names = new Map(Object.keys(definitions).map((key) => [key, reserveName(baseName, key, schemas)]));
  const rename = (part: JsonSchema): JsonSchema => {
    return typeof part.$ref === 'string' ? { ...part, $ref: renameReference(part.$ref, names) } : part;
  };
  for (const [key, definition] of Object.entries(definitions)) {
    schemas[names.get(key) ?? key] = mapSchema(definition, rename) as JsonSchema;
  }
  return rootKey in definitions
    ? { $ref: `${schemasPrefix}${names.get(rootKey)}` }
    : (mapSchema(root, rename) as JsonSchema);
}

/** The key of the schema itself among its definitions. */
const rootKey = '';

function containsItself(schema: JsonSchema): boolean {
  let isFound = false;
  mapSchema(schema, (part) => {
    isFound ||= typeof part.$ref === 'string' && part.$ref.startsWith('#') && !part.$ref.startsWith('#/$defs/');
    return part;
  });
  return isFound;
}

function reserveName(baseName: string, key: string, schemas: Record<string, JsonSchema>): string {
  const wanted = (key === rootKey ? baseName : `${baseName}.${key}`).replace(/[^\w.-]/g, '_');
  let name = wanted;
  for (let count = 2; name in schemas; count += 1) name = `${wanted}.${count}`;
  schemas[name] = {};
  return name;
}

function renameReference(ref: string, names: ReadonlyMap<string, string>): string {
  if (!ref.startsWith('#')) return ref;
  const [, key, rest = ''] = /^#\/\$defs\/([^/]+)(.*)$/.exec(ref) ?? [];
  return key === undefined
    ? `${schemasPrefix}${names.get(rootKey)}${ref.slice(1)}`
    : `${schemasPrefix}${names.get(unescapePointer(key))}${rest}`;
}

/** Decodes one segment of a JSON Pointer in a URI fragment (RFC 6901 §6). */
function unescapePointer(segment: string): string {
  return decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
}
