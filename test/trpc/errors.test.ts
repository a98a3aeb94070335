// Slow: it starts an HTTP server.
import { createTRPCClient, httpBatchLink, httpLink } from '@trpc/client';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { isSessionError, SessionError, type SessionErrorCode } from 'trpc-session';
import { createTrpcSession } from 'trpc-session/trpc';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ada } from '../_support/sessions.ts';
import { createTestSessions } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { listen } from './_support/servers.ts';

/** The tRPC code and the reason that a client receives for each `SessionError` code. */
const translations: Readonly<
  Record<SessionErrorCode, readonly [code: keyof typeof TRPC_ERROR_CODES_BY_KEY, reason: string | null]>
> = {
  MISSING: ['UNAUTHORIZED', 'missing'],
  EXPIRED: ['UNAUTHORIZED', 'expired'],
  STALE: ['UNAUTHORIZED', 'stale'],
  REFUSED: ['FORBIDDEN', 'refused'],
  CROSS_SITE: ['FORBIDDEN', 'cross-site'],
  UNAVAILABLE: ['SERVICE_UNAVAILABLE', 'unavailable'],
  INVALID_OPTION: ['INTERNAL_SERVER_ERROR', null],
  NOT_CONFIGURED: ['INTERNAL_SERVER_ERROR', null],
  INVALID_DATA: ['BAD_REQUEST', null],
  TOO_LARGE: ['PAYLOAD_TOO_LARGE', null],
  SUBJECT_CHANGED: ['BAD_REQUEST', null],
  CONFLICT: ['CONFLICT', null],
  LIMIT_REACHED: ['TOO_MANY_REQUESTS', null],
  COOKIE_UNWRITABLE: ['BAD_REQUEST', null],
  INSECURE_COOKIE: ['BAD_REQUEST', null],
  COOKIE_SHADOWED: ['BAD_REQUEST', null],
};
const codes = Object.keys(translations) as SessionErrorCode[];

/** An app whose procedures fail with the code of their input. Its own formatter adds `zodError`. */
async function setUp({ formatted = true } = {}) {
  const { sessions } = createTestSessions();
  const { createContext, requireSession, createErrorFormatter } = createTrpcSession(sessions);
  const t = initTRPC.context<typeof createContext>().create({
    isDev: false,
    ...(formatted && {
      errorFormatter: createErrorFormatter(({ shape, error }) => ({
        ...shape,
        data: { ...shape.data, zodError: error.cause instanceof z.ZodError ? z.flattenError(error.cause) : null },
      })),
    }),
  });
  const input = z.enum(codes as [SessionErrorCode, ...SessionErrorCode[]]);
  const throwing = t.procedure.input(input).mutation(({ input: code }) => {
    throw new SessionError(code, {
      hint: 'For the developer.',
      detail: 'In words.',
      cause: new Error('redis://secret'),
    });
  });
  const router = t.router({
    signIn: t.procedure.mutation(async ({ ctx }) => {
      await ctx.session.start(ada);
    }),
    throwing,
    guarded: t.procedure
      .use(requireSession())
      .input(input)
      .mutation(({ input: code }) => {
        throw new SessionError(code, { hint: 'For the developer.', cause: new Error('redis://secret') });
      }),
    own: t.procedure.use(requireSession()).mutation(() => {
      throw new TRPCError({ code: 'NOT_FOUND', message: 'No such tide', cause: new SessionError('CONFLICT') });
    }),
    ownWords: t.procedure.use(requireSession()).mutation(() => {
      throw new TRPCError({ code: 'CONFLICT', message: 'The tide turned', cause: new SessionError('CONFLICT') });
    }),
    foreign: t.procedure.mutation(() => {
      throw new Error('boom');
    }),
  });
  const server = await listen(createHTTPHandler({ router, createContext, basePath: '/api/trpc/' }));
  const visitor = new Visitor();
  const options = { url: server.url, fetch: visitor.fetch };
  const client = createTRPCClient<typeof router>({ links: [httpLink(options)] });
  const batching = createTRPCClient<typeof router>({ links: [httpBatchLink(options)] });
  return { sessions, visitor, client, batching, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function getExpected(code: SessionErrorCode) {
  const [key, reason] = translations[code];
  const httpStatus = getHTTPStatusCodeFromError(new TRPCError({ code: key }));
  return { key, httpStatus, reason, numeric: TRPC_ERROR_CODES_BY_KEY[key] };
}

describe('createErrorFormatter', () => {
  test.each(codes)('gives %s, thrown in a public procedure, its tRPC code and HTTP status', async (code) => {
    await using it = await setUp();
    const error = await it.client.throwing.mutate(code).catch((reason: unknown) => reason);
    const { key, httpStatus, reason, numeric } = getExpected(code);
    const session = reason && { reason, detail: 'In words.' };
    expect(error).toMatchObject({ shape: { code: numeric }, data: { code: key, httpStatus, session, zodError: null } });
    expect(it.visitor.last.status).toBe(httpStatus);
  });

  test('says why a session was ended', async () => {
    await using it = await setUp();
    await it.client.signIn.mutate();
    await it.sessions.of('ada').revokeAll();
    await expect(it.client.guarded.mutate('CONFLICT')).rejects.toMatchObject({
      data: { code: 'UNAUTHORIZED', httpStatus: 401, session: { reason: 'expired', detail: 'revoked' } },
    });
  });

  test('hides the cause and the hint, except the hint that tells the client what to do', async () => {
    await using it = await setUp();
    for (const code of codes) {
      const error = await it.client.throwing.mutate(code).catch((reason: unknown) => reason);
      expect(JSON.stringify(error)).not.toMatch(/redis:/);
      expect(String(error).includes('For the developer.')).toBe(['COOKIE_UNWRITABLE', 'CROSS_SITE'].includes(code));
    }
  });

  test("keeps the fields that the app's own formatter adds", async () => {
    await using it = await setUp();
    await expect(it.client.throwing.mutate('nonsense' as never)).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST', session: null, zodError: { formErrors: [expect.any(String)] } },
    });
    await expect(it.client.foreign.mutate()).rejects.toMatchObject({
      message: 'boom',
      data: { code: 'INTERNAL_SERVER_ERROR', session: null, zodError: null },
    });
  });

  test('does not change an error that the app threw with a SessionError as its cause', async () => {
    await using it = await setUp();
    await it.client.signIn.mutate();
    await expect(it.client.own.mutate()).rejects.toMatchObject({
      message: 'No such tide',
      data: { code: 'NOT_FOUND', session: null },
    });
    await expect(it.client.ownWords.mutate()).rejects.toMatchObject({
      message: 'The tide turned',
      data: { code: 'CONFLICT', session: null },
    });
  });

  test('gives each call of a batch its own error', async () => {
    await using it = await setUp();
    const [conflict, missing] = await Promise.allSettled([
      it.batching.throwing.mutate('CONFLICT'),
      it.batching.guarded.mutate('CONFLICT'),
    ]);
    expect(conflict).toMatchObject({ reason: { data: { code: 'CONFLICT', session: null } } });
    expect(missing).toMatchObject({ reason: { data: { code: 'UNAUTHORIZED', session: { reason: 'missing' } } } });
    expect(it.visitor.last.status).toBe(207);
  });
});

describe('without createErrorFormatter', () => {
  test.each(codes)('%s, thrown in a guarded procedure, keeps its code and hides its cause', async (code) => {
    await using it = await setUp({ formatted: false });
    await it.client.signIn.mutate();
    const error = await it.client.guarded.mutate(code).catch((reason: unknown) => reason);
    const { key, httpStatus } = getExpected(code);
    expect(error).toMatchObject({ data: { code: key, httpStatus } });
    expect(JSON.stringify(error)).not.toMatch(/redis:/);
  });
});

test('the cause of a refusal is a SessionError', async () => {
  const { sessions } = createTestSessions();
  const { createContext, requireSession } = createTrpcSession(sessions);
  const t = initTRPC.context<typeof createContext>().create();
  const router = t.router({ me: t.procedure.use(requireSession()).query(() => 'me') });
  const error: unknown = await router
    .createCaller(createContext())
    .me()
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TRPCError);
  expect(isSessionError((error as TRPCError).cause)).toBe(true);
});
