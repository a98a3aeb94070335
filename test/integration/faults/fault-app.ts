import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { initTRPC } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createHeadersSink, createSessions, type Duration, type SessionEvent } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import type { SessionStore } from 'trpc-session/stores';
import { createTrpcSession } from 'trpc-session/trpc';
import { z } from 'zod';

const secret = 'a-secret-of-the-fault-tests-0123456789';
/** Session data that must not appear in any response, event or error. */
export const diary = 'dear-diary-this-is-private';

/** Where a test can pause a procedure: after it has read the session, or after it has written and before it responds. */
export type PausePoint = `${'signIn' | 'increment' | 'regenerate' | 'signOut'}:${'read' | 'written'}`;

export interface FaultAppOptions {
  readonly store: SessionStore;
  readonly now?: () => number;
  readonly prefix?: string;
  readonly idle?: Duration;
  readonly absolute?: Duration;
  readonly touchEvery?: Duration;
  readonly onEvent?: (event: SessionEvent) => void;
  /** Receives the errors that tRPC passes to the app's logger. */
  readonly onError?: (error: unknown) => void;
  readonly pause?: (at: PausePoint) => Promise<void>;
}

function createFaultSessions({ onError: _, pause: __, ...options }: FaultAppOptions) {
  return createSessions({
    schema: z.object({ userId: z.string(), count: z.number(), diary: z.string() }),
    subject: (data) => data.userId,
    view: ({ count }) => ({ count }),
    secret,
    ...options,
  });
}

export type FaultSessions = ReturnType<typeof createFaultSessions>;

/** With `isDev: false`, as in production: tRPC sends no stack traces. */
function createRouter(sessions: FaultSessions, pause: (at: PausePoint) => Promise<void>) {
  const { createContext, requireSession, createErrorFormatter } = createTrpcSession(sessions);
  const t = initTRPC.context<typeof createContext>().create({ isDev: false, errorFormatter: createErrorFormatter() });
  const guarded = t.procedure.use(requireSession());
  const router = t.router({
    hello: t.procedure.query(() => 'Welcome'),
    me: guarded.query(({ ctx: { session } }) => ({ userId: session.data.userId, count: session.data.count })),
    increment: guarded.mutation(async ({ ctx: { session } }) => {
      await pause('increment:read');
      const { data } = await session.update((before) => ({ ...before, count: before.count + 1 }));
      await pause('increment:written');
      return { userId: data.userId, count: data.count };
    }),
    regenerate: guarded.mutation(async ({ ctx: { session } }) => {
      await pause('regenerate:read');
      await session.regenerate();
      await pause('regenerate:written');
    }),
    signIn: t.procedure.input(z.string()).mutation(async ({ ctx: { session }, input: userId }) => {
      await pause('signIn:read');
      await session.start({ userId, count: 0, diary });
      await pause('signIn:written');
    }),
    signOut: t.procedure.mutation(async ({ ctx: { session } }) => {
      await pause('signOut:read');
      await session.destroy();
      await pause('signOut:written');
    }),
  });
  return { router, createContext };
}

export interface FaultApp {
  readonly sessions: FaultSessions;
  readonly handle: (request: Request) => Promise<Response>;
}

export function createFaultApp(options: FaultAppOptions): FaultApp {
  const { onError = () => {}, pause = async () => {} } = options;
  const sessions = createFaultSessions(options);
  const { privateResponse } = createNextSession(sessions);
  const trpc = createRouter(sessions, pause);
  const page = (req: Request): Promise<Response> =>
    privateResponse(async () => {
      const { data } = await sessions.open(req, createHeadersSink(new Headers())).require();
      return Response.json({ userId: data.userId });
    });
  return {
    sessions,
    handle: async (req) => {
      if (new URL(req.url).pathname === '/page') return page(req);
      const onTrpcError = ({ error }: { error: unknown }) => onError(error);
      return fetchRequestHandler({ endpoint: '/trpc', req, ...trpc, onError: onTrpcError });
    },
  };
}

export interface AppServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves the app over HTTP. */
export async function startServer({ handle }: FaultApp): Promise<AppServer> {
  const server = createServer((req, res) => {
    void (async () => {
      const response = await handle(await toRequest(req));
      res.writeHead(response.status, [...response.headers].flat());
      res.end(Buffer.from(await response.arrayBuffer()));
    })().catch(() => res.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeIdleConnections();
      await once(server, 'close');
    },
  };
}

async function toRequest(req: IncomingMessage): Promise<Request> {
  const { method = 'GET', url = '/', headers } = req;
  const body = await text(req);
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new Request(`http://${headers.host}${url}`, { method, headers: pairs, ...(body !== '' && { body }) });
}
