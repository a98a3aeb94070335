import fc from 'fast-check';
import { z } from 'zod';

/** A validator and a value that it accepts. */
export interface Sample {
  readonly schema: z.ZodType;
  readonly value: unknown;
}

const sampleValues = (schema: z.ZodType, values: fc.Arbitrary<unknown>): fc.Arbitrary<Sample> =>
  values.map((value) => ({ schema, value }));

/** Excludes -0: superjson encodes it as text, which no schema of a number allows. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

const plain = [
  sampleValues(z.string(), fc.string()),
  sampleValues(z.string().min(1).max(5), fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme-ascii' })),
  sampleValues(z.number(), number),
  sampleValues(z.int(), fc.integer()),
  sampleValues(z.boolean(), fc.boolean()),
  sampleValues(z.null(), fc.constant(null)),
  sampleValues(z.date(), fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })),
  sampleValues(z.enum(['a', 'b']), fc.constantFrom('a', 'b')),
  sampleValues(z.literal(['x', 7, null]), fc.constantFrom('x', 7, null)),
  sampleValues(z.any(), fc.constantFrom('anything', 1, null)),
  sampleValues(z.iso.datetime(), fc.constant('2026-01-01T00:00:00Z')),
  sampleValues(z.email(), fc.constant('ada@example.com')),
  sampleValues(z.coerce.date(), fc.constant(new Date(0))),
];

/** Validators whose output differs from their input. A client cannot know which inputs they accept. */
const onlyForOutputs = [
  sampleValues(
    z.string().transform((text) => text.length),
    fc.string(),
  ),
  sampleValues(
    z.string().transform((text) => new Date(text.length)),
    fc.string(),
  ),
  sampleValues(z.string().default('filled in'), fc.constantFrom(undefined, 'given')),
  sampleValues(z.string().catch('caught'), fc.constantFrom('fine', 3)),
  sampleValues(z.any(), fc.constant(undefined)),
  sampleValues(z.union([z.string(), z.undefined()]), fc.constantFrom('there', undefined)),
  sampleValues(z.string().pipe(z.coerce.number()), fc.integer().map(String)),
];

/** Types that superjson can encode and JSON cannot. */
const onlyForSuperjson = [
  sampleValues(z.bigint(), fc.bigInt()),
  sampleValues(
    z.set(z.number()),
    fc.uniqueArray(fc.integer()).map((items) => new Set(items)),
  ),
  sampleValues(z.map(z.string(), z.date()), fc.constant(new Map([['at', new Date(0)]]))),
  sampleValues(z.instanceof(URL), fc.constant(new URL('https://example.com/'))),
];

interface Kinds {
  readonly direction: 'input' | 'output';
  readonly superjson: boolean;
}

export function sampleSchemas({ direction, superjson }: Kinds): fc.Arbitrary<Sample> {
  const leaves = [...plain, ...(direction === 'output' ? onlyForOutputs : []), ...(superjson ? onlyForSuperjson : [])];
  const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
    sample: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(...leaves),
      sampleObject(tie('sample'), direction),
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
      fc.tuple(sampleObject(tie('sample'), direction), fc.integer()).map(([{ schema, value }, n]) => ({
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

/** Samples objects whose properties are present, undefined or absent. */
function sampleObject(sample: fc.Arbitrary<Sample>, direction: Kinds['direction']): fc.Arbitrary<Sample> {
  const presence = fc.constantFrom('required', 'present', 'absent', ...(direction === 'output' ? ['undefined'] : []));
  return fc
    .dictionary(fc.constantFrom('a', 'b', 'c', 'default', 'properties'), fc.tuple(sample, presence))
    .map((properties) => {
      const shape = Object.entries(properties).map(([key, [{ schema }, how]]) => [
        key,
        how === 'required' ? schema : schema.optional(),
      ]);
      const value = Object.entries(properties).flatMap(([key, [sampled, how]]) => {
        if (how === 'absent') return [];
        return [[key, how === 'undefined' ? undefined : sampled.value]];
      });
      return { schema: z.object(Object.fromEntries(shape)), value: Object.fromEntries(value) };
    });
}
