import type { JsonSchema } from './json-schema.ts';

/** The schemas that a document names and refers to. */
export interface Components {
  readonly schemas: Record<string, JsonSchema>;
}

const prefix = '#/components/schemas/';

/**
 * A schema as it can stand inside a document: the definitions that came with it move to the document's components, since
 * `#` means the document from there on.
 */
export function placed(schema: JsonSchema, base: string, { schemas }: Components): JsonSchema {
  const { $defs, ...root } = schema;
  const definitions = { ...(($defs ?? {}) as Record<string, JsonSchema>), ...(refersToRoot(schema) && { '': root }) };
  const names = new Map(Object.keys(definitions).map((name) => [name, nameFor(name, base, schemas)]));
  const rename = (ref: string): string => renamed(ref, names);
  for (const [name, definition] of Object.entries(definitions)) {
    schemas[names.get(name) ?? name] = mapRefs(definition, rename) as JsonSchema;
  }
  return '' in definitions ? { $ref: prefix + names.get('') } : (mapRefs(root, rename) as JsonSchema);
}

function nameFor(name: string, base: string, taken: Components['schemas']): string {
  const wanted = (name === '' ? base : `${base}.${name}`).replace(/[^\w.-]/g, '_');
  let free = wanted;
  for (let count = 2; free in taken; count += 1) free = `${wanted}.${count}`;
  return free;
}

function renamed(ref: string, names: ReadonlyMap<string, string>): string {
  if (!ref.startsWith('#')) return ref;
  const [, name, rest = ''] = /^#\/\$defs\/([^/]+)(.*)$/.exec(ref) ?? [];
  const definition = name === undefined ? undefined : names.get(unescaped(name));
  return definition === undefined ? `${prefix}${names.get('')}${ref.slice(1)}` : `${prefix}${definition}${rest}`;
}

function unescaped(segment: string): string {
  return decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
}

function refersToRoot(schema: JsonSchema): boolean {
  let found = false;
  mapRefs(schema, (ref) => {
    found ||= ref.startsWith('#') && !ref.startsWith('#/$defs/');
    return ref;
  });
  return found;
}

function mapRefs(value: unknown, change: (ref: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapRefs(item, change));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, held]): [string, unknown] => {
    return [key, key === '$ref' && typeof held === 'string' ? change(held) : mapRefs(held, change)];
  });
  return Object.fromEntries(entries);
}
