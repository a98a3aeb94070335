// Slow: it validates documents with an independent OpenAPI validator.
import superjson from 'superjson';
import { freshWithin, matches } from 'trpc-session';
import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type AppOptions, createOpenApiApp } from './_support/app.ts';
import { compileSchemas, getOperation, validateDocument } from './_support/document.ts';

interface Tree {
  readonly name: string;
  readonly branches: readonly Tree[];
}

const tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), branches: z.array(tree) }));

/** Creates an app whose router has every kind of procedure. */
function createRichApp(options: AppOptions = {}) {
  const app = createOpenApiApp(options);
  const { t, requireSession, createSessionProcedures } = app;
  const guarded = t.procedure.use(requireSession());
  const router = t.router({
    session: createSessionProcedures(t.procedure),
    hello: t.procedure.meta({ summary: 'Says hello', description: 'To everyone.' }).query(() => 'hello'),
    posts: {
      one: t.procedure
        .input(z.object({ id: z.string(), at: z.date().optional() }))
        .output(z.object({ title: z.string(), at: z.date(), tags: z.set(z.string()) }))
        .query(() => ({ title: 'x', at: new Date(0), tags: new Set(['a']) })),
      write: guarded
        .input(z.object({ title: z.string().min(1) }))
        .input(z.object({ body: z.string().max(100) }))
        .mutation(() => {}),
      moderate: {
        remove: t.procedure.use(requireSession(matches({ role: 'admin' }), freshWithin('5m'))).mutation(() => true),
      },
    },
    tree: t.procedure
      .input(tree)
      .output(tree)
      .query(({ input }) => input),
    ticks: guarded.subscription(async function* () {
      yield 1;
    }),
  });
  return { ...app, router, document: app.describe(router) };
}

const settings: readonly (readonly [string, AppOptions])[] = [
  ['without a transformer', {}],
  ['with superjson', { transformer: superjson }],
  ['with a bearer token', { transport: bearer() }],
  ['without the session error formatter', { errorFormatter: 'none' }],
];

describe.each(settings)('the document of an app %s', (_, options) => {
  test('is valid OpenAPI 3.1 for an independent validator', async () => {
    expect(await validateDocument(createRichApp(options).document)).toBe(null);
  });

  test('has only schemas that compile', () => {
    expect(compileSchemas(createRichApp(options).document).length).toBeGreaterThan(20);
  });

  test('consists of JSON values only', () => {
    const { document } = createRichApp(options);
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});

describe('the document', () => {
  test('has every procedure at its path, under the method that tRPC accepts', () => {
    const { paths } = createRichApp().document;
    expect(Object.entries(paths).map(([path, item]) => `${Object.keys(item)} ${path}`)).toMatchInlineSnapshot(`
      [
        "get /session.get",
        "post /session.destroy",
        "post /session.touch",
        "get /session.list",
        "post /session.revoke",
        "post /session.revokeOthers",
        "post /session.set",
        "get /hello",
        "get /posts.one",
        "post /posts.write",
        "post /posts.moderate.remove",
        "get /tree",
        "get /ticks",
      ]
    `);
  });

  test('has descriptions from the meta and from the guards', () => {
    const { document } = createRichApp();
    expect(getOperation(document, 'hello')).toMatchObject({ summary: 'Says hello', description: 'To everyone.' });
    expect(getOperation(document, 'posts.write').description).toMatchInlineSnapshot(`"Needs a session."`);
    expect(getOperation(document, 'posts.moderate.remove').description).toMatchInlineSnapshot(
      `"Needs a session that passes \`matches({ role: 'admin' })\` and \`freshWithin('5m')\`."`,
    );
  });
});
