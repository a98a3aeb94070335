import type { AnyTRPCRouter } from '@trpc/server';
import type { Components } from './components.ts';
import { errorPartsOf } from './errors.ts';
import { type Operation, operationOf } from './operation.ts';
import { proceduresOf } from './procedures.ts';
import type { SecuritySchemes } from './security.ts';
import { type Wire, wireOf } from './wire.ts';

export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  /** Where the router is served, absolute or from the root of the site: `'/api/trpc'`. */
  readonly url: string;
  readonly description?: string;
}

/** An OpenAPI 3.1 document: JSON and nothing else. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Components & { readonly securitySchemes: SecuritySchemes };
}

/** Describes a router as it answers over HTTP. */
export function openApiDocument(router: AnyTRPCRouter, options: OpenApiOptions): OpenApiDocument {
  const { title, version, url, description } = options;
  const components = { schemas: {}, securitySchemes: {} };
  const wire = wireOf(router);
  const parts = { wire, errors: errorPartsOf(router), components, schemes: components.securitySchemes };
  const operations = proceduresOf(router).map((procedure) => {
    const method = procedure.type === 'mutation' ? 'post' : 'get';
    return [procedure.path, { [method]: operationOf(procedure, parts) }] as const;
  });
  return {
    openapi: '3.1.0',
    info: { title, version, description: [description, howToCall(wire)].filter(Boolean).join('\n\n') },
    servers: [{ url }],
    tags: [...new Set(operations.map(([path]) => path.split('.').slice(0, -1).join('.')))]
      .filter((name) => name !== '')
      .map((name) => ({ name })),
    paths: Object.fromEntries(operations.map(([path, item]) => [`/${path}`, item])),
    components,
  };
}

function howToCall({ input, output }: Wire): string {
  const transformer = input === output ? input : `${input} for input, ${output} for output`;
  return [
    'tRPC over HTTP. A query is a GET whose input is JSON in the query parameter `input`; a mutation is a POST with a JSON body.',
    `Transformer: ${transformer}.`,
    'Several calls can share a request: join their paths by commas, add `?batch=1`, and give the inputs as an object keyed by position; the answer is an array.',
  ].join(' ');
}
