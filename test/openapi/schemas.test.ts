import { type } from 'arktype';
import fc from 'fast-check';
import superjson from 'superjson';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openApiApp, requestFor } from './_support/app.ts';
import { answerOf, complaintsAbout, inputMismatch, mismatch, operationAt, schemasIn } from './_support/document.ts';
import { samples } from './_support/random-schema.ts';

const wires = [
  ['no transformer', undefined],
  ['superjson', superjson],
] as const;

describe.each(wires)('with %s', (_, transformer) => {
  test('whatever a validator makes, what is sent is what the document says', async () => {
    const property = fc.asyncProperty(
      fc.array(samples({ side: 'output', superjson: !!transformer }), { minLength: 1, maxLength: 5 }),
      async (all) => {
        const app = openApiApp(transformer && { transformer });
        const router = app.t.router(
          Object.fromEntries(
            all.map(({ schema, value }, at) => [`p${at}`, app.t.procedure.output(schema).query(() => value as never)]),
          ),
        );
        const document = app.describe(router);
        expect(schemasIn(document).length).toBeGreaterThan(all.length);
        for (const at of all.keys()) {
          const response = await app.serve(router, requestFor(document, `p${at}`));
          const body = await response.json();
          expect([response.status, body]).toEqual([200, body]);
          expect(mismatch(document, answerOf(document, `p${at}`, 200), body), JSON.stringify(body)).toBe(null);
        }
      },
    );
    await fc.assert(property, { numRuns: 50 });
  }, 60_000);
});

describe.each(wires)('with %s', (_, transformer) => {
  test('whatever a client of tRPC sends, if the validator takes it, is what the document asks for', async () => {
    const property = fc.asyncProperty(
      samples({ side: 'input', superjson: !!transformer }),
      async ({ schema, value }) => {
        const app = openApiApp(transformer && { transformer });
        const ask = app.t.procedure.input(schema);
        const router = app.t.router({ ask: ask.query(() => 'taken'), tell: ask.mutation(() => 'taken') });
        const document = app.describe(router);
        const sent: unknown = JSON.parse(JSON.stringify(transformer ? transformer.serialize(value) : value));
        for (const path of ['ask', 'tell']) {
          const { status } = await app.serve(router, requestFor(document, path, { input: sent }));
          // Without a transformer no date arrives as one.
          if (status === 200) expect(inputMismatch(document, path, sent)).toBe(null);
          if (transformer) expect(status).toBe(200);
        }
      },
    );
    await fc.assert(property, { numRuns: 50 });
  }, 60_000);
});

describe('an input', () => {
  /** One query with these validators, and its document. */
  const asking = (...validators: readonly unknown[]) => {
    const app = openApiApp();
    const start = app.t.procedure as unknown as Chain;
    const chain = validators.reduce<Chain>((procedure, validator) => procedure.input(validator), start);
    const router = app.t.router({ ask: chain.query(() => 'taken') as never });
    const document = app.describe(router);
    const call = async (input?: unknown) => (await app.serve(router, requestFor(document, 'ask', { input }))).status;
    return { document, call, parameter: parameterOf(document) };
  };

  test('that several validators judge has to satisfy them all', async () => {
    const { document, call } = asking(z.object({ a: z.string() }), z.object({ b: z.number().min(1) }));
    for (const [input, status] of [
      [{ a: 'x', b: 1 }, 200],
      [{ a: 'x' }, 400],
      [{ a: 'x', b: 0 }, 400],
    ] as const) {
      expect(await call(input)).toBe(status);
      expect(inputMismatch(document, 'ask', input) === null).toBe(status === 200);
    }
  });

  test.each([
    ['zod', z.object({ a: z.string(), when: z.date().optional() })],
    ['arktype', type({ a: 'string', 'when?': 'Date' })],
  ])('is described by %s, with what JSON cannot say left open', async (_, validator) => {
    const { document, call } = asking(validator);
    expect(await call({ a: 'x' })).toBe(200);
    expect(await call({ a: 1 })).toBe(400);
    expect(inputMismatch(document, 'ask', { a: 'x', when: 'later' })).toBe(null);
    expect(inputMismatch(document, 'ask', { a: 1 })).not.toBe(null);
  });

  test.each([
    ['a function', (input: unknown) => input],
    ['a parser without words', { parse: (input: unknown) => input }],
    ['a schema that cannot be put into words', z.custom(() => true)],
    [
      'a schema whose words fail',
      {
        '~standard': {
          version: 1,
          vendor: 'x',
          validate: (value: unknown) => ({ value }),
          jsonSchema: { input: fail },
        },
      },
    ],
  ])('of %s is open', (_, validator) => {
    const { document } = asking(validator);
    expect(inputMismatch(document, 'ask', { anything: [1, 'x'] })).toBe(null);
  });

  test.each([
    ['a default', { default: 10n }],
    ['a constant', { const: undefined, enum: [Symbol('x'), Number.NaN] }],
    ['a class', { examples: [new Map([[1, 2]]), () => 1] }],
  ])('whose validator says %s that is no JSON is described in JSON', (_, words) => {
    const say = () => words as object;
    const validate = (value: unknown) => ({ value });
    const jsonSchema = { input: say, output: say };
    const { document } = asking({ '~standard': { version: 1, vendor: 'x', validate, jsonSchema } });
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  test.each([
    ['takes none', z.string().optional(), false],
    ['has a default', z.string().default('x'), false],
    ['is void', z.void(), false],
    ['needs one', z.string(), true],
    ['needs one, by arktype', type('string'), true],
    [
      'says so later',
      z
        .string()
        .optional()
        .refine(async () => true),
      true,
    ],
  ])('that %s is asked for accordingly', async (_, validator, required) => {
    const { call, parameter } = asking(validator);
    expect(parameter?.required).toBe(required);
    if (!required) expect(await call()).toBe(200);
  });

  test('is asked for when one of several validators needs it', async () => {
    const { call, parameter } = asking(z.object({ a: z.string() }).optional(), z.object({ b: z.string() }));
    expect(parameter?.required).toBe(true);
    expect(await call()).toBe(400);
  });

  test('of a mutation is sent as a body, and the content type has to be JSON even where there is none', async () => {
    const app = openApiApp();
    const router = app.t.router({ write: app.t.procedure.mutation(() => 'written') });
    const document = app.describe(router);
    expect(operationAt(document, 'write').requestBody).toMatchObject({ required: true });
    const untyped = new Request(requestFor(document, 'write').url, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    expect((await app.serve(router, untyped)).status).toBe(415);
    expect((await app.serve(router, requestFor(document, 'write'))).status).toBe(200);
  });
});

interface Chain {
  input(validator: unknown): Chain;
  query(resolver: () => unknown): unknown;
}

function parameterOf(document: object): { required?: boolean } | undefined {
  return (operationAt(document, 'ask').parameters as { required?: boolean }[] | undefined)?.[0];
}

function fail(): never {
  throw new Error('No words for this.');
}

describe('definitions', () => {
  const person = z
    .object({
      name: z.string(),
      get friends() {
        return z.array(person);
      },
    })
    .meta({ id: 'Person' });
  const tangle: z.ZodType = z.union([z.string(), z.lazy(() => z.array(tangle))]);

  test('move to where the document keeps them, and lead back to themselves', async () => {
    const app = openApiApp();
    const { t } = app;
    const ada = { name: 'Ada', friends: [{ name: 'Grace', friends: [] }] };
    const router = t.router({
      'one/two': t.procedure
        .input(person)
        .output(person)
        .query(() => ada),
      one_two: t.procedure
        .input(person)
        .input(person)
        .output(z.object({ person }))
        .query(() => ({ person: ada })),
      tangle: t.procedure.output(tangle).query(() => ['a', ['b']]),
    });
    const document = app.describe(router);
    expect(await complaintsAbout(document)).toBe(null);
    expect(JSON.stringify(document)).not.toMatch(/"#\/\$defs|"\$ref":"#"/);
    for (const path of ['one_two', 'tangle']) {
      const response = await app.serve(router, requestFor(document, path, { input: ada }));
      expect(mismatch(document, answerOf(document, path, 200), await response.json())).toBe(null);
    }
    expect(inputMismatch(document, 'one_two', ada)).toBe(null);
    expect(inputMismatch(document, 'one_two', { name: 'Ada', friends: [{ name: 7, friends: [] }] })).not.toBe(null);
  });

  test('of procedures whose names differ by little stay apart', () => {
    const { t, describe: describeRouter } = openApiApp();
    const other = z
      .object({
        size: z.number(),
        get parts() {
          return z.array(other);
        },
      })
      .meta({ id: 'Other' });
    const document = describeRouter(
      t.router({ 'a!': t.procedure.input(person).query(() => 1), 'a?': t.procedure.input(other).query(() => 1) }),
    );
    expect(Object.keys(document.components.schemas)).toHaveLength(2);
    expect(schemasIn(document).length).toBeGreaterThan(2);
  });
});
