import type { SecuritySchemes } from './guards.ts';
import type { JsonSchema } from './json-schema.ts';
import { mapSchema } from './schema-parts.ts';

/** What a document names, and refers to. */
export interface OpenApiComponents {
  readonly schemas: Record<string, JsonSchema>;
  readonly responses: Record<string, JsonSchema>;
  readonly securitySchemes: SecuritySchemes;
}

const schemasPrefix = '#/components/schemas/';

/**
 * A schema as it can stand in a document, where `#` means the document: the definitions that came with it, and itself where
 * it contains itself, move to the document's schemas, under names that begin with `base`.
 */
export function placeSchema(schema: JsonSchema, base: string, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $defs = {}, ...root } = schema;
  const definitions = { ...($defs as Record<string, JsonSchema>), ...(containsItself(schema) && { [rootKey]: root }) };
  const names = new Map(Object.keys(definitions).map((key) => [key, reserveName(base, key, schemas)]));
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

/** Stands for the schema itself among its definitions. */
const rootKey = '';

function containsItself(schema: JsonSchema): boolean {
  let found = false;
  mapSchema(schema, (part) => {
    found ||= typeof part.$ref === 'string' && part.$ref.startsWith('#') && !part.$ref.startsWith('#/$defs/');
    return part;
  });
  return found;
}

function reserveName(base: string, key: string, schemas: Record<string, JsonSchema>): string {
  const wanted = (key === rootKey ? base : `${base}.${key}`).replace(/[^\w.-]/g, '_');
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

/** A segment of a JSON Pointer in a URI fragment (RFC 6901 §6). */
function unescapePointer(segment: string): string {
  return decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
}
