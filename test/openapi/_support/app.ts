import { randomUUID } from 'node:crypto';
import { type AnyTRPCRouter, initTRPC, type TRPCDataTransformer, type TRPCDefaultErrorShape } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createSessions } from 'trpc-session';
import { createOpenApiSession, type OpenApiDocument } from 'trpc-session/openapi';
import type { SessionStore } from 'trpc-session/stores';
import { memoryStore } from 'trpc-session/stores/memory';
import type { SessionTransport } from 'trpc-session/transports';
import { createTrpcSession } from 'trpc-session/trpc';
import { z } from 'zod';
import { accountSchema, secret } from '../../_support/sessions.ts';

const url = 'http://localhost/api/trpc';

export interface FormatterOptions {
  readonly shape: TRPCDefaultErrorShape;
  /** Undefined if the context was never created. */
  readonly ctx: { readonly session: object };
}

export interface AppOptions {
  readonly transport?: SessionTransport;
  readonly transformer?: TRPCDataTransformer;
  /** @default createErrorFormatter() */
  readonly errorFormatter?: 'none' | ((options: FormatterOptions) => object);
  readonly store?: SessionStore;
  readonly now?: () => number;
}

/** Creates an app with its own sessions and tRPC, and functions that describe and serve its routers. */
export function createOpenApiApp({ transport, transformer, errorFormatter, store, now = Date.now }: AppOptions = {}) {
  const sessions = createSessions({
    schema: accountSchema,
    subject: (data) => data.userId,
    view: ({ name }) => ({ name }),
    patch: z.object({ visits: z.number().int() }),
    store: store ?? memoryStore({ name: randomUUID(), now }),
    secret,
    now,
    ...(transport && { transport }),
  });
  const session = createTrpcSession(sessions);
  const t = initTRPC
    .context<typeof session.createContext>()
    .meta<Record<string, unknown>>()
    .create({
      isDev: false,
      ...(transformer && { transformer }),
      ...(errorFormatter !== 'none' && { errorFormatter: (errorFormatter ?? session.createErrorFormatter()) as never }),
    });
  const openApi = createOpenApiSession(sessions);
  return {
    ...session,
    ...openApi,
    sessions,
    t,
    describe: (router: AnyTRPCRouter): OpenApiDocument =>
      openApi.createOpenApiDocument(router, { title: 'The app', version: '1.2.3', url }),
    serve: (router: AnyTRPCRouter, request: Request): Promise<Response> =>
      fetchRequestHandler({
        endpoint: '/api/trpc',
        router,
        req: request,
        createContext: session.createContext as never,
      }),
  };
}

export type OpenApiApp = ReturnType<typeof createOpenApiApp>;

/** Creates the request that calls a procedure as the document describes it: GET with `input`, or POST with a body. */
export function createRequest(document: OpenApiDocument, path: string, { input, headers }: Call = {}): Request {
  const method = Object.keys(document.paths[`/${path}`] ?? {})[0] ?? 'get';
  const at = new URL(`${document.servers[0]?.url}/${path}`);
  if (method === 'get' && input !== undefined) at.searchParams.set('input', JSON.stringify(input));
  const sent = new Headers(headers);
  if (!sent.has('sec-fetch-site')) sent.set('sec-fetch-site', 'same-origin');
  if (method === 'get') return new Request(at, { headers: sent });
  sent.set('content-type', 'application/json');
  return new Request(at, { method: 'POST', headers: sent, body: JSON.stringify(input ?? {}) });
}

export interface Call {
  /** In the encoding of the router's transformer. */
  readonly input?: unknown;
  readonly headers?: HeadersInit;
}
