import type { AnyTRPCRouter } from '@trpc/server';
import type { SessionTypes } from '../core/engine.ts';
import type { Sessions } from '../core/sessions.ts';
import { type OpenApiDocument, type OpenApiOptions, openApiDocument } from './document.ts';

/** This door's functions. */
export interface OpenApiSession {
  /** An OpenAPI 3.1 document of a tRPC router, with the security of the guards that are really mounted. */
  readonly openApiDocument: (router: AnyTRPCRouter, options: OpenApiOptions) => OpenApiDocument;
}

/** OpenAPI documents that know the session. */
export function createOpenApiSession<T extends SessionTypes>(_sessions: Sessions<T>): OpenApiSession {
  return { openApiDocument };
}
