import type { AnyTRPCRouter } from '@trpc/server';
import type { SessionTypes } from '../core/engine.ts';
import type { Sessions } from '../core/manager.ts';
import { addSessionSecurity } from './add-session-security.ts';
import { describeRouter, type OpenApiDocument, type OpenApiOptions } from './document.ts';
import { loadRouter } from './procedures.ts';

/** This door's functions. */
export interface OpenApiSession {
  /**
   * An OpenAPI 3.1 document of a tRPC router as it answers over HTTP: inputs and answers by the procedures' own validators,
   * security by the guards that are really mounted.
   *
   * @throws SessionError `INVALID_OPTION` where lazy routers are not loaded: see `loadRouter`.
   */
  readonly createOpenApiDocument: (router: AnyTRPCRouter, options: OpenApiOptions) => OpenApiDocument;
  /**
   * A copy of a document of this router by `trpc-to-openapi` or `@trpc/openapi`, in which the security is that of the guards:
   * with refusals where something is guarded, and no claims where nothing is. What is not the router's stays as it is.
   */
  readonly addSessionSecurity: <Document extends object>(document: Document, router: AnyTRPCRouter) => Document;
  /** Loads the lazy parts of a router. Resolves to the same router, whole. */
  readonly loadRouter: <Router extends AnyTRPCRouter>(router: Router) => Promise<Router>;
}

/** OpenAPI documents that say what the guards do. */
export function createOpenApiSession<T extends SessionTypes>({ facts }: Sessions<T>): OpenApiSession {
  return {
    createOpenApiDocument: (router, options) => describeRouter(router, facts.carriers(), options),
    addSessionSecurity: (document, router) => addSessionSecurity(document, router, facts.carriers()) as typeof document,
    loadRouter,
  };
}
