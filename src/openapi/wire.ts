import type { AnyTRPCRouter } from '@trpc/server';
import type { JsonSchema } from './json-schema.ts';

/** What a router's transformer makes of values on their way: nothing, superjson's `{ json, meta }`, or something of its own. */
export type Wrapping = 'none' | 'superjson' | 'custom';

/** How values travel to and from a router. */
export interface Wire {
  readonly input: Wrapping;
  readonly output: Wrapping;
}

/** Finds out what the router's transformer does by letting it serialize a probe. */
export function wireOf({ _def }: AnyTRPCRouter): Wire {
  const { input, output } = _def._config.transformer;
  return { input: wrappingBy(input), output: wrappingBy(output) };
}

function wrappingBy({ serialize }: { serialize(value: unknown): unknown }): Wrapping {
  const probe = { at: new Date(0) };
  try {
    const made = serialize(probe);
    if (made === probe) return 'none';
    return JSON.stringify(made).startsWith(superjsonProbe) ? 'superjson' : 'custom';
  } catch {
    return 'custom';
  }
}

const superjsonProbe = '{"json":{"at":"1970-01-01T00:00:00.000Z"},"meta":{"values":{"at":["Date"]}';

/** A schema as its values look on the wire. */
export function wrapped(schema: JsonSchema, wrapping: Wrapping): JsonSchema {
  if (wrapping === 'none') return schema;
  if (wrapping === 'custom') return { description: 'As the transformer of this router writes it.' };
  return {
    type: 'object',
    properties: {
      json: schema,
      meta: { type: 'object', description: 'The types that JSON lacks, as superjson notes them.' },
    },
    required: ['json'],
  };
}
