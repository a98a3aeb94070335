import fc from 'fast-check';
import { z } from 'zod';

/** A validator, and a value that it takes. */
export interface Sample {
  readonly schema: z.ZodType;
  readonly value: unknown;
}

const of = (schema: z.ZodType, values: fc.Arbitrary<unknown>): fc.Arbitrary<Sample> =>
  values.map((value) => ({ schema, value }));

/** superjson writes -0 as text, and no validator knows of it. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

const plain = [
  of(z.string(), fc.string()),
  of(z.string().min(1).max(5), fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme-ascii' })),
  of(z.number(), number),
  of(z.int(), fc.integer()),
  of(z.boolean(), fc.boolean()),
  of(z.null(), fc.constant(null)),
  of(z.date(), fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })),
  of(z.enum(['a', 'b']), fc.constantFrom('a', 'b')),
  of(z.literal(['x', 7, null]), fc.constantFrom('x', 7, null)),
  of(z.any(), fc.constantFrom('anything', 1, null)),
  of(z.iso.datetime(), fc.constant('2026-01-01T00:00:00Z')),
  of(z.email(), fc.constant('ada@example.com')),
  of(z.coerce.date(), fc.constant(new Date(0))),
];

/** What a client cannot know of, for these say one thing and do another. */
const onlyForAnswers = [
  of(
    z.string().transform((text) => text.length),
    fc.string(),
  ),
  of(
    z.string().transform((text) => new Date(text.length)),
    fc.string(),
  ),
  of(z.string().default('filled in'), fc.constantFrom(undefined, 'given')),
  of(z.string().catch('caught'), fc.constantFrom('fine', 3)),
  of(z.any(), fc.constant(undefined)),
  of(z.union([z.string(), z.undefined()]), fc.constantFrom('there', undefined)),
  of(z.string().pipe(z.coerce.number()), fc.integer().map(String)),
];

/** What JSON has no words for, and superjson has. */
const onlyForSuperjson = [
  of(z.bigint(), fc.bigInt()),
  of(
    z.set(z.number()),
    fc.uniqueArray(fc.integer()).map((items) => new Set(items)),
  ),
  of(z.map(z.string(), z.date()), fc.constant(new Map([['at', new Date(0)]]))),
  of(z.instanceof(URL), fc.constant(new URL('https://example.com/'))),
];

interface Kinds {
  readonly side: 'input' | 'output';
  readonly superjson: boolean;
}

export function samples({ side, superjson }: Kinds): fc.Arbitrary<Sample> {
  const leaves = [...plain, ...(side === 'output' ? onlyForAnswers : []), ...(superjson ? onlyForSuperjson : [])];
  const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
    sample: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(...leaves),
      object(tie('sample'), side),
      tie('sample').map(({ schema, value }) => ({
        schema: z.array(schema),
        value: value === undefined ? [] : [value, value],
      })),
      fc
        .tuple(tie('sample'), fc.boolean())
        .map(([{ schema, value }, isNull]) => ({ schema: schema.nullable(), value: isNull ? null : value })),
      fc
        .tuple(tie('sample'), tie('sample'))
        .map(([one, other]) => ({ schema: z.union([one.schema, other.schema]), value: one.value })),
      tie('sample').map(({ schema, value }) => ({
        schema: z.record(z.string(), schema),
        value: value === undefined ? {} : { key: value },
      })),
      fc.tuple(object(tie('sample'), side), fc.integer()).map(([{ schema, value }, n]) => ({
        schema: z.intersection(schema, z.object({ more: z.number() })),
        value: { ...(value as object), more: n },
      })),
      tie('sample').map(({ schema, value }) => ({ schema: z.lazy(() => schema), value })),
      tie('sample').map(({ schema, value }) => ({
        schema: schema.readonly().meta({ id: `named${ids++}`, title: 'Named' }),
        value,
      })),
    ),
  }));
  return sample;
}

let ids = 0;

/** With properties that are there, that are undefined and that are not there at all. */
function object(sample: fc.Arbitrary<Sample>, side: Kinds['side']): fc.Arbitrary<Sample> {
  const presence = fc.constantFrom('required', 'present', 'absent', ...(side === 'output' ? ['undefined'] : []));
  return fc
    .dictionary(fc.constantFrom('a', 'b', 'c', 'default', 'properties'), fc.tuple(sample, presence))
    .map((parts) => {
      const shape = Object.entries(parts).map(([key, [{ schema }, how]]) => [
        key,
        how === 'required' ? schema : schema.optional(),
      ]);
      const value = Object.entries(parts).flatMap(([key, [held, how]]) => {
        if (how === 'absent') return [];
        return [[key, how === 'undefined' ? undefined : held.value]];
      });
      return { schema: z.object(Object.fromEntries(shape)), value: Object.fromEntries(value) };
    });
}
