import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { initTRPC } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createHeadersSink, createSessions, type Duration, type SessionEvent, type SessionStore } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import { createTrpcSession } from 'trpc-session/trpc';
import { z } from 'zod';

export const secret = 'a-secret-of-the-fault-tests-0123456789';
/** A datum that no response, event or error may show. */
export const diary = 'dear-diary-nobody-may-read-this';

/** Where a procedure can be held: when it has read the session and not yet written, or written and not yet answered. */
export type PausePoint = `${'signIn' | 'bump' | 'renew' | 'signOut'}:${'read' | 'written'}`;

export interface FaultAppOptions {
  readonly store: SessionStore;
  readonly now?: () => number;
  readonly prefix?: string;
  readonly idle?: Duration;
  readonly absolute?: Duration;
  readonly touchEvery?: Duration;
  readonly onEvent?: (event: SessionEvent) => void;
  /** What tRPC would have the app log. */
  readonly onError?: (error: unknown) => void;
  readonly pause?: (at: PausePoint) => Promise<void>;
}

/** The manager of the app whose Redis fails, with a datum to keep and one to count. */
function faultSessions({ onError: _, pause: __, ...options }: FaultAppOptions) {
  return createSessions({
    schema: z.object({ userId: z.string(), count: z.number(), diary: z.string() }),
    subject: (data) => data.userId,
    view: ({ count }) => ({ count }),
    secret,
    ...options,
  });
}

export type FaultSessions = ReturnType<typeof faultSessions>;

/** As in production, no stack goes out with an error. */
function routerOf(sessions: FaultSessions, pause: (at: PausePoint) => Promise<void>) {
  const { createContext, requireSession, createErrorFormatter } = createTrpcSession(sessions);
  const t = initTRPC.context<typeof createContext>().create({ isDev: false, errorFormatter: createErrorFormatter() });
  const guarded = t.procedure.use(requireSession());
  const router = t.router({
    hello: t.procedure.query(() => 'Welcome'),
    me: guarded.query(({ ctx: { session } }) => ({ userId: session.data.userId, count: session.data.count })),
    bump: guarded.mutation(async ({ ctx: { session } }) => {
      await pause('bump:read');
      const { data } = await session.update((before) => ({ ...before, count: before.count + 1 }));
      await pause('bump:written');
      return { userId: data.userId, count: data.count };
    }),
    renew: guarded.mutation(async ({ ctx: { session } }) => {
      await pause('renew:read');
      await session.regenerate();
      await pause('renew:written');
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
  /** Answers a request as a framework would have it answered. */
  readonly handle: (request: Request) => Promise<Response>;
}

export function faultApp(options: FaultAppOptions): FaultApp {
  const { onError = () => {}, pause = async () => {} } = options;
  const sessions = faultSessions(options);
  const { privateResponse } = createNextSession(sessions);
  const trpc = routerOf(sessions, pause);
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

export interface Served {
  readonly origin: string;
  close(): Promise<void>;
}

/** Over real HTTP. */
export async function serve({ handle }: FaultApp): Promise<Served> {
  const server = createServer((req, res) => {
    void (async () => {
      const response = await handle(await requestOf(req));
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

async function requestOf(req: IncomingMessage): Promise<Request> {
  const { method = 'GET', url = '/', headers } = req;
  const body = await text(req);
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new Request(`http://${headers.host}${url}`, { method, headers: pairs, ...(body !== '' && { body }) });
}
