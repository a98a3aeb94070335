import type { AnyTRPCRouter } from '@trpc/server';
import type { SessionCarrier } from '../core/ports/transport.ts';
import type { OpenApiComponents } from './components.ts';
import { detectErrorForm } from './errors.ts';
import { registerScheme } from './guards.ts';
import { describeOperation, type Operation } from './operation.ts';
import { getSection, listProcedures, toHttpMethod } from './procedures.ts';
import { detectWire, type Wire, type Wrapping } from './wire.ts';

export interface OpenApiOptions {
  readonly title: string;
  /** Of the app's API. */
  readonly version: string;
  /** Where the router is served, absolute or from the root of the site: `'/api/trpc'`. */
  readonly url: string;
  /** Comes before what is said about calling tRPC. Default: none. */
  readonly description?: string;
}

/** An OpenAPI 3.1 document: JSON, and nothing else. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  /** By path and HTTP method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: OpenApiComponents;
}

/** Describes a router as it answers over HTTP, and how the sessions of these carriers are shown to it. */
export function describeRouter(
  router: AnyTRPCRouter,
  carriers: readonly SessionCarrier[],
  { title, version, url, description }: OpenApiOptions,
): OpenApiDocument {
  const components: OpenApiComponents = { schemas: {}, responses: {}, securitySchemes: {} };
  for (const carrier of carriers) registerScheme(carrier, components.securitySchemes);
  const parts = { wire: detectWire(router), errorForm: detectErrorForm(router), components };
  const procedures = listProcedures(router);
  const paths = procedures.map((procedure) => {
    return [
      `/${encodeURI(procedure.path)}`,
      { [toHttpMethod(procedure)]: describeOperation(procedure, parts) },
    ] as const;
  });
  const sections = new Set(procedures.map(({ path }) => getSection(path)).filter((section) => section !== ''));
  return {
    openapi: '3.1.0',
    info: { title, version, description: `${description ? `${description}\n\n` : ''}${explainCalls(parts.wire)}` },
    servers: [{ url }],
    tags: [...sections].map((name) => ({ name })),
    paths: Object.fromEntries(paths),
    components,
  };
}

function explainCalls({ input, output }: Wire): string {
  const transformers =
    input === output
      ? transformerTexts[input]
      : `To here: ${transformerTexts[input]} From here: ${transformerTexts[output]}`;
  return `tRPC over HTTP: a query is a GET with its input as JSON in the query parameter \`input\`, a mutation a POST with its input as the JSON body. ${transformers}

Calls of one kind can share a request: join their paths with commas, add \`?batch=1\`, and send their inputs as one object by position, \`{"0": …, "1": …}\`. The answer is an array, its status 207 where those of the calls differ.`;
}

const transformerTexts: Readonly<Record<Wrapping, string>> = {
  none: 'There is no transformer: values are plain JSON.',
  superjson:
    'The transformer is superjson: values are wrapped as `{ json, meta }`, and `meta` is left out where JSON says it all.',
  custom: "The transformer is the app's own, so that inputs and answers are described in words alone.",
};
