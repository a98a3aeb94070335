import type { SecuritySchemes } from './guarding.ts';
import type { JsonSchema } from './json-schema.ts';
import { mapSchema } from './schema-parts.ts';

/** What a document names, and refers to. */
export interface OpenApiComponents {
  readonly schemas: Record<string, JsonSchema>;
  readonly responses: Record<string, JsonSchema>;
  readonly securitySchemes: SecuritySchemes;
}

const place = '#/components/schemas/';

/**
 * A schema as it can stand in a document, where `#` means the document: the definitions that came with it, and itself where
 * it contains itself, move to the document's schemas, under names that begin with `base`.
 */
export function placed(schema: JsonSchema, base: string, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $defs = {}, ...root } = schema;
  const definitions = { ...($defs as Record<string, JsonSchema>), ...(containsItself(schema) && { [whole]: root }) };
  const names = new Map(Object.keys(definitions).map((key) => [key, reserved(base, key, schemas)]));
  const rename = (part: JsonSchema): JsonSchema => {
    return typeof part.$ref === 'string' ? { ...part, $ref: renamed(part.$ref, names) } : part;
  };
  for (const [key, definition] of Object.entries(definitions)) {
    schemas[names.get(key) ?? key] = mapSchema(definition, rename) as JsonSchema;
  }
  return whole in definitions ? { $ref: `${place}${names.get(whole)}` } : (mapSchema(root, rename) as JsonSchema);
}

/** Stands for the schema itself among its definitions. */
const whole = '';

function containsItself(schema: JsonSchema): boolean {
  let found = false;
  mapSchema(schema, (part) => {
    found ||= typeof part.$ref === 'string' && part.$ref.startsWith('#') && !part.$ref.startsWith('#/$defs/');
    return part;
  });
  return found;
}

function reserved(base: string, key: string, schemas: Record<string, JsonSchema>): string {
  const wanted = (key === whole ? base : `${base}.${key}`).replace(/[^\w.-]/g, '_');
  let name = wanted;
  for (let count = 2; name in schemas; count += 1) name = `${wanted}.${count}`;
  schemas[name] = {};
  return name;
}

function renamed(ref: string, names: ReadonlyMap<string, string>): string {
  if (!ref.startsWith('#')) return ref;
  const [, key, rest = ''] = /^#\/\$defs\/([^/]+)(.*)$/.exec(ref) ?? [];
  return key === undefined
    ? `${place}${names.get(whole)}${ref.slice(1)}`
    : `${place}${names.get(unescaped(key))}${rest}`;
}

/** A segment of a JSON Pointer in a URI fragment (RFC 6901 §6). */
function unescaped(segment: string): string {
  return decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
}
