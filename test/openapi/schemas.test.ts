// Slow: it validates the inputs and outputs of random validators against their documents.
import { type } from 'arktype';
import fc from 'fast-check';
import superjson from 'superjson';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createOpenApiApp, createRequest } from './_support/app.ts';
import {
  compileSchemas,
  findInputMismatch,
  findMismatch,
  getOperation,
  getResponse,
  validateDocument,
} from './_support/document.ts';
import { sampleSchemas } from './_support/random-schema.ts';

const transformers = [
  ['no transformer', undefined],
  ['superjson', superjson],
] as const;

describe.each(transformers)('with %s', (_, transformer) => {
  test('every output matches the document, for random validators', async () => {
    const property = fc.asyncProperty(
      fc.array(sampleSchemas({ direction: 'output', superjson: !!transformer }), { minLength: 1, maxLength: 5 }),
      async (all) => {
        const app = createOpenApiApp(transformer && { transformer });
        const router = app.t.router(
          Object.fromEntries(
            all.map(({ schema, value }, at) => [`p${at}`, app.t.procedure.output(schema).query(() => value as never)]),
          ),
        );
        const document = app.describe(router);
        expect(compileSchemas(document).length).toBeGreaterThan(all.length);
        for (const at of all.keys()) {
          const response = await app.serve(router, createRequest(document, `p${at}`));
          const body = await response.json();
          expect([response.status, body]).toEqual([200, body]);
          expect(findMismatch(document, getResponse(document, `p${at}`, 200), body), JSON.stringify(body)).toBe(null);
        }
      },
    );
    await fc.assert(property, { numRuns: 50 });
  }, 60_000);
});

describe.each(transformers)('with %s', (_, transformer) => {
  test('every accepted input matches the document, for random validators', async () => {
    const property = fc.asyncProperty(
      sampleSchemas({ direction: 'input', superjson: !!transformer }),
      async ({ schema, value }) => {
        const app = createOpenApiApp(transformer && { transformer });
        const ask = app.t.procedure.input(schema);
        const router = app.t.router({ ask: ask.query(() => 'accepted'), tell: ask.mutation(() => 'accepted') });
        const document = app.describe(router);
        const sent: unknown = JSON.parse(JSON.stringify(transformer ? transformer.serialize(value) : value));
        for (const path of ['ask', 'tell']) {
          const { status } = await app.serve(router, createRequest(document, path, { input: sent }));
          // Without a transformer no input arrives as a Date.
          if (status === 200) expect(findInputMismatch(document, path, sent)).toBe(null);
          if (transformer) expect(status).toBe(200);
        }
      },
    );
    await fc.assert(property, { numRuns: 50 });
  }, 60_000);
});

describe('an input', () => {
  /** Creates a router with one query that has these validators, and its document. */
  const describeQuery = (...validators: readonly unknown[]) => {
    const app = createOpenApiApp();
    const start = app.t.procedure as unknown as Chain;
    const chain = validators.reduce<Chain>((procedure, validator) => procedure.input(validator), start);
    const router = app.t.router({ ask: chain.query(() => 'accepted') as never });
    const document = app.describe(router);
    const call = async (input?: unknown) => (await app.serve(router, createRequest(document, 'ask', { input }))).status;
    return { document, call, parameter: getParameter(document) };
  };

  test('with several validators must satisfy all of them', async () => {
    const { document, call } = describeQuery(z.object({ a: z.string() }), z.object({ b: z.number().min(1) }));
    for (const [input, status] of [
      [{ a: 'x', b: 1 }, 200],
      [{ a: 'x' }, 400],
      [{ a: 'x', b: 0 }, 400],
    ] as const) {
      expect(await call(input)).toBe(status);
      expect(findInputMismatch(document, 'ask', input) === null).toBe(status === 200);
    }
  });

  test.each([
    ['zod', z.object({ a: z.string(), when: z.date().optional() })],
    ['arktype', type({ a: 'string', 'when?': 'Date' })],
  ])('is described by %s, and a type that JSON lacks is left open', async (_, validator) => {
    const { document, call } = describeQuery(validator);
    expect(await call({ a: 'x' })).toBe(200);
    expect(await call({ a: 1 })).toBe(400);
    expect(findInputMismatch(document, 'ask', { a: 'x', when: 'later' })).toBe(null);
    expect(findInputMismatch(document, 'ask', { a: 1 })).not.toBe(null);
  });

  test.each([
    ['a function', (input: unknown) => input],
    ['a parser without JSON Schema', { parse: (input: unknown) => input }],
    ['a schema that JSON Schema cannot express', z.custom(() => true)],
    [
      'a schema whose conversion throws',
      {
        '~standard': {
          version: 1,
          vendor: 'x',
          validate: (value: unknown) => ({ value }),
          jsonSchema: { input: fail },
        },
      },
    ],
  ])('is left open if its validator is %s', (_, validator) => {
    const { document } = describeQuery(validator);
    expect(findInputMismatch(document, 'ask', { anything: [1, 'x'] })).toBe(null);
  });

  test.each([
    ['a default', { default: 10n }],
    ['a constant', { const: undefined, enum: [Symbol('x'), Number.NaN] }],
    ['a class', { examples: [new Map([[1, 2]]), () => 1] }],
  ])('is described in JSON even if its schema holds %s that is not JSON', (_, keywords) => {
    const toSchema = () => keywords as object;
    const validate = (value: unknown) => ({ value });
    const jsonSchema = { input: toSchema, output: toSchema };
    const { document } = describeQuery({ '~standard': { version: 1, vendor: 'x', validate, jsonSchema } });
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  test.each([
    ['is optional', z.string().optional(), false],
    ['has a default', z.string().default('x'), false],
    ['is void', z.void(), false],
    ['is required', z.string(), true],
    ['is required by arktype', type('string'), true],
    [
      'is optional by an async check',
      z
        .string()
        .optional()
        .refine(async () => true),
      true,
    ],
  ])('that %s has the right `required` flag', async (_, validator, required) => {
    const { call, parameter } = describeQuery(validator);
    expect(parameter?.required).toBe(required);
    if (!required) expect(await call()).toBe(200);
  });

  test('is required if one of several validators requires it', async () => {
    const { call, parameter } = describeQuery(z.object({ a: z.string() }).optional(), z.object({ b: z.string() }));
    expect(parameter?.required).toBe(true);
    expect(await call()).toBe(400);
  });

  test('of a mutation is a body, and its content type must be JSON even if there is no input', async () => {
    const app = createOpenApiApp();
    const router = app.t.router({ write: app.t.procedure.mutation(() => 'written') });
    const document = app.describe(router);
    expect(getOperation(document, 'write').requestBody).toMatchObject({ required: true });
    const untyped = new Request(createRequest(document, 'write').url, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    expect((await app.serve(router, untyped)).status).toBe(415);
    expect((await app.serve(router, createRequest(document, 'write'))).status).toBe(200);
  });
});

interface Chain {
  input(validator: unknown): Chain;
  query(resolver: () => unknown): unknown;
}

function getParameter(document: object): { required?: boolean } | undefined {
  return (getOperation(document, 'ask').parameters as { required?: boolean }[] | undefined)?.[0];
}

function fail(): never {
  throw new Error('There is no JSON Schema for this.');
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

  test('move to the components of the document, and recursive ones refer to themselves', async () => {
    const app = createOpenApiApp();
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
    expect(await validateDocument(document)).toBe(null);
    expect(JSON.stringify(document)).not.toMatch(/"#\/\$defs|"\$ref":"#"/);
    for (const path of ['one_two', 'tangle']) {
      const response = await app.serve(router, createRequest(document, path, { input: ada }));
      expect(findMismatch(document, getResponse(document, path, 200), await response.json())).toBe(null);
    }
    expect(findInputMismatch(document, 'one_two', ada)).toBe(null);
    expect(findInputMismatch(document, 'one_two', { name: 'Ada', friends: [{ name: 7, friends: [] }] })).not.toBe(null);
  });

  test('of procedures with similar names stay separate', () => {
    const { t, describe: describeRouter } = createOpenApiApp();
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
    expect(compileSchemas(document).length).toBeGreaterThan(2);
  });
});
