import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import type { TestApp } from './app.ts';

export interface Server extends AsyncDisposable {
  /** The URL of the tRPC handler. */
  readonly url: string;
  readonly origin: string;
  /** The requests that were received, as method and path. */
  readonly requests: string[];
}

type Served = Pick<TestApp, 'router' | 'createContext'>;

/** The app's own cookies. One name starts like the session cookie's, and one has the same attributes. */
export const ownCookies = ['ssid2=app; Path=/', 'theme=dark; Path=/; HttpOnly'] as const;

const endpoint = '/api/trpc';

/** Every adapter on a real HTTP server. Each one sets the app's own cookies on every response. */
const adapters = {
  fetch: serveFetch,
  hono: serveHono,
  standalone: serveStandalone,
  express: serveExpress,
  fastify: serveFastify,
};
export type AdapterName = keyof typeof adapters;
export const adapterNames = Object.keys(adapters) as AdapterName[];

export function serve(name: AdapterName, app: Served): Promise<Server> {
  return adapters[name](app);
}

async function serveFetch({ router, createContext }: Served): Promise<Server> {
  return listen(
    toRequestListener(async (req) => {
      const response = await fetchRequestHandler({ endpoint, req, router, createContext });
      for (const cookie of ownCookies) response.headers.append('set-cookie', cookie);
      return response;
    }),
  );
}

async function serveHono({ router, createContext }: Served): Promise<Server> {
  const app = new Hono();
  app.use('*', async (context, next) => {
    await next();
    for (const cookie of ownCookies) context.header('set-cookie', cookie, { append: true });
  });
  app.all(`${endpoint}/*`, (context) => fetchRequestHandler({ endpoint, req: context.req.raw, router, createContext }));
  return listen(toRequestListener(async (request) => app.fetch(request)));
}

async function serveStandalone({ router, createContext }: Served): Promise<Server> {
  const handle = createHTTPHandler({ router, createContext, basePath: `${endpoint}/` });
  return listen((req, res) => {
    res.setHeader('set-cookie', [...ownCookies]);
    handle(req, res);
  });
}

async function serveExpress({ router, createContext }: Served): Promise<Server> {
  const app = express();
  app.use((_req, res, next) => {
    for (const cookie of ownCookies) res.append('set-cookie', cookie);
    next();
  });
  app.use(endpoint, createExpressMiddleware({ router, createContext }));
  return listen(app);
}

async function serveFastify({ router, createContext }: Served): Promise<Server> {
  const requests: string[] = [];
  const app = fastify({ routerOptions: { maxParamLength: 5000 }, forceCloseConnections: true });
  app.addHook('onRequest', async (req, reply) => {
    requests.push(`${req.method} ${req.url}`);
    for (const cookie of ownCookies) reply.header('set-cookie', cookie);
  });
  await app.register(fastifyTRPCPlugin, { prefix: endpoint, trpcOptions: { router, createContext } });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url: origin + endpoint, origin, requests, [Symbol.asyncDispose]: () => app.close() };
}

/** Starts a Node server on a free port. */
export async function listen(handle: RequestListener): Promise<Server> {
  const requests: string[] = [];
  const server = createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    handle(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin + endpoint,
    origin,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Turns a fetch handler into a Node listener. The body streams, and a client that disconnects aborts the request. */
function toRequestListener(handle: (request: Request) => Promise<Response>): RequestListener {
  return (req, res) => {
    void respond(req, res, handle).catch(() => res.destroy());
  };
}

async function respond(
  req: IncomingMessage,
  res: ServerResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  const disconnected = new AbortController();
  res.on('close', () => disconnected.abort());
  const headers = Object.entries(req.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const withBody = req.method === 'GET' || req.method === 'HEAD' ? {} : { body: Readable.toWeb(req), duplex: 'half' };
  const response = await handle(
    new Request(`http://${req.headers.host}${req.url}`, {
      method: req.method ?? 'GET',
      headers,
      signal: disconnected.signal,
      ...withBody,
    } as RequestInit),
  );
  res.statusCode = response.status;
  res.setHeaders(new Headers([...response.headers].filter(([name]) => name !== 'set-cookie')));
  res.setHeader('set-cookie', response.headers.getSetCookie());
  res.flushHeaders();
  if (response.body) await pipeline(Readable.fromWeb(response.body as ReadableStream), res);
  else res.end();
}
