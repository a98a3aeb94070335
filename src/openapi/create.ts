import type { AnyTRPCRouter } from '@trpc/server';
import type { Sessions } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import { addSessionSecurity } from './add-session-security.ts';
import { describeRouter, type OpenApiDocument, type OpenApiOptions } from './document.ts';
import { loadRouter } from './procedures.ts';

/** The functions of `trpc-session/openapi`. */
export interface OpenApiSession {
  /**
   * Describes a tRPC router over HTTP as an OpenAPI 3.1 document. Inputs and outputs come from the procedures' validators,
   * security from the guards that are mounted on the procedures.
   *
   * Call it where the app runs: the name of the session cookie depends on `NODE_ENV`.
   *
   * @throws SessionError `INVALID_OPTION` if the router has lazy parts that are not loaded. Pass it to `loadRouter` first.
   *
   * @example
   * const document = createOpenApiDocument(appRouter, { title: 'My app', version: '1.0.0', url: '/api/trpc' });
   *
   * @see https://spec.openapis.org/oas/v3.1.0
   */
  readonly createOpenApiDocument: (router: AnyTRPCRouter, options: OpenApiOptions) => OpenApiDocument;
  /**
   * Returns a copy of this router's document, written by `trpc-to-openapi` or `@trpc/openapi`, with the security of the
   * guards. Guarded operations gain `security` and their error responses. Unguarded operations lose what the generator
   * claimed of them. Operations that are not the router's stay as they are. Idempotent.
   *
   * @throws SessionError `INVALID_OPTION` if the router has lazy parts that are not loaded. Pass it to `loadRouter` first.
   *
   * @example
   * const generated = generateOpenApiDocument(appRouter, { title: 'My app', version: '1.0.0', baseUrl });
   * const document = addSessionSecurity(generated, appRouter);
   */
  readonly addSessionSecurity: <Document extends object>(document: Document, router: AnyTRPCRouter) => Document;
  /**
   * Loads all lazy parts of a router. Resolves to the same router. If a part fails to load, rejects with its error.
   *
   * @example
   * const document = createOpenApiDocument(await loadRouter(appRouter), options);
   */
  readonly loadRouter: <Router extends AnyTRPCRouter>(router: Router) => Promise<Router>;
}

/**
 * Creates the functions that describe a tRPC router, and what its session guards require, in OpenAPI.
 *
 * @example
 * import { createOpenApiSession } from 'trpc-session/openapi';
 *
 * export const { createOpenApiDocument, addSessionSecurity, loadRouter } = createOpenApiSession(sessions);
 */
export function createOpenApiSession<T extends SessionTypes>({ facts }: Sessions<T>): OpenApiSession {
  return {
    createOpenApiDocument: (router, options) => describeRouter(router, facts.carriers, options),
    addSessionSecurity: (document, router) => addSessionSecurity(document, router, facts.carriers) as typeof document,
    loadRouter,
  };
}
