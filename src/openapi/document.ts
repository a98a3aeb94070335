import type { AnyTRPCRouter } from '@trpc/server';
import type { SessionCarrier } from '../core/ports/transport.ts';
import type { OpenApiComponents } from './components.ts';
import { detectErrorShape } from './errors.ts';
import { registerScheme } from './guards.ts';
import { describeOperation, type Operation } from './operation.ts';
import { getRouterPath, listProcedures, toHttpMethod } from './procedures.ts';
import { detectTransformer, type RouterTransformer, type TransformerKind } from './transformer.ts';

/** The options of `createOpenApiDocument`. */
export interface OpenApiOptions {
  /** The title of the API. */
  readonly title: string;
  /** The version of the app's API. */
  readonly version: string;
  /** Where the router is served: an absolute URL, or a path from the root of the site such as `'/api/trpc'`. */
  readonly url: string;
  /**
   * A description of the API in Markdown. The document appends how to call tRPC over HTTP.
   *
   * @default none
   */
  readonly description?: string;
}

/** An OpenAPI 3.1 document. It consists of JSON values only. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  /** One per nested router. */
  readonly tags: readonly { readonly name: string }[];
  /** By path and HTTP method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: OpenApiComponents;
}

/** Describes a router over HTTP. The carriers become the document's security schemes, even if no procedure is guarded. */
export function describeRouter(
  router: AnyTRPCRouter,
  carriers: readonly SessionCarrier[],
  { title, version, url, description }: OpenApiOptions,
): OpenApiDocument {
  const components: OpenApiComponents = { schemas: {}, responses: {}, securitySchemes: {} };
  for (const carrier of carriers) registerScheme(carrier, components.securitySchemes);
  const context = { transformer: detectTransformer(router), errorShape: detectErrorShape(router), components };
  const procedures = listProcedures(router);
  const paths = procedures.map((procedure) => {
    const operation = describeOperation(procedure, context);
    return [`/${encodeURI(procedure.path)}`, { [toHttpMethod(procedure)]: operation }] as const;
  });
  const tags = new Set(procedures.map(({ path }) => getRouterPath(path)).filter((tag) => tag !== ''));
  const calls = explainCalls(context.transformer);
  return {
    openapi: '3.1.0',
    info: { title, version, description: description ? `${description}\n\n${calls}` : calls },
    servers: [{ url }],
    tags: [...tags].map((name) => ({ name })),
    paths: Object.fromEntries(paths),
    components,
  };
}

function explainCalls({ input, output }: RouterTransformer): string {
  const encoding =
    input === output
      ? transformerTexts[input]
      : `Inputs: ${transformerTexts[input]} Outputs: ${transformerTexts[output]}`;
  return `This is tRPC over HTTP. A query is a GET request with its input as JSON in the query parameter \`input\`. A mutation is a POST request with its input as the JSON body. ${encoding}

Several queries, or several mutations, can share one request (a batch). Join their paths with commas, add \`?batch=1\`, and send their inputs as one object by position: \`{"0": …, "1": …}\`. The response is an array. If the calls have different statuses, the status of the response is 207.`;
}

const transformerTexts: Readonly<Record<TransformerKind, string>> = {
  none: 'There is no transformer: values are plain JSON.',
  superjson:
    'The transformer is superjson: values are wrapped as `{ json, meta }`. If plain JSON is enough, `meta` is omitted.',
  custom: 'The app has its own transformer, so this document has no schemas for inputs and outputs.',
};
