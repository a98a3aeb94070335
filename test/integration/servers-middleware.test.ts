// Slow: it starts a server for each framework.
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { serve } from '@hono/node-server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import compression from 'compression';
import express, { type Request, type Response as ServerResponse } from 'express';
import fastify from 'fastify';
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { setCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { stream } from 'hono/streaming';
import Koa from 'koa';
import { createHeadersSink, createNodeSink } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';
import { ada } from '../_support/sessions.ts';
import { createTestApp } from '../trpc/_support/app.ts';
import { listen } from '../trpc/_support/servers.ts';

/** Long enough to be compressed. */
const long = 'a line of text\n'.repeat(200);
const endpoint = '/api/trpc';
const require = createRequire(import.meta.url);
const { sessions, router, createContext } = createTestApp();

interface RunningServer extends AsyncDisposable {
  readonly origin: string;
}

/**
 * One app per framework, with middleware that sets a cookie and changes headers before and after the routes. Each route
 * signs in, and then responds in another way. `/api/trpc` signs in through tRPC.
 */
const servers: Readonly<Record<string, () => Promise<RunningServer>>> = {
  'Express 5': async () => listen(createExpressApp(express)),
  'Express 4': async () => listen(createExpressApp(require('express-4'))),
  Fastify: serveFastify,
  Koa: async () => listen(createKoaApp()),
  Hono: serveHono,
};

function createExpressApp(create: typeof express): RequestListener {
  const app = create();
  app.use(compression({ threshold: 0 }));
  app.use((req, res, next) => {
    // What cookie-parser puts on a request.
    req.cookies = { theme: 'dark' };
    res.cookie('theme', 'dark').set('Vary', 'Origin');
    next();
  });
  const signIn = (req: Request, res: ServerResponse) => sessions.open(req, createNodeSink(res)).start(ada);
  const route = (path: string, respond: (res: ServerResponse) => unknown) =>
    app.post(path, (req, res, next) => {
      signIn(req, res)
        .then(() => respond(res))
        .catch(next);
    });
  route('/json', (res) => res.json({ long }));
  route('/redirect', (res) => res.redirect('/me'));
  route('/stream', (res) => Readable.from([long, long]).pipe(res));
  route('/error', () => {
    throw new Error('after the sign-in');
  });
  app.use(endpoint, createExpressMiddleware({ router, createContext }));
  app.get('/me', (req, res, next) => {
    sessions
      .open(req, createNodeSink(res))
      .require()
      .then(({ data }) => res.json(data), next);
  });
  // Without this, Express logs each error.
  app.set('env', 'test');
  return app;
}

async function serveFastify(): Promise<RunningServer> {
  const app = fastify({ routerOptions: { maxParamLength: 5000 }, forceCloseConnections: true });
  app.addHook('onRequest', async (_req, reply) => {
    reply.header('set-cookie', 'theme=dark').header('vary', 'Origin');
  });
  app.addHook('onSend', async (_req, reply) => {
    reply.header('vary', 'Accept-Encoding').header('cache-control', 'public');
  });
  app.addHook('preHandler', async (req, reply) => {
    if (req.method === 'POST' && !req.url.startsWith(endpoint))
      await sessions.open(req, createNodeSink(reply)).start(ada);
  });
  app.post('/json', async () => ({ long }));
  app.post('/redirect', async (_req, reply) => reply.redirect('/me'));
  app.post('/stream', async (_req, reply) => reply.send(Readable.from([long, long])));
  app.post('/error', async () => {
    throw new Error('after the sign-in');
  });
  app.get('/me', async (req, reply) => (await sessions.open(req, createNodeSink(reply)).require()).data);
  await app.register(fastifyTRPCPlugin, { prefix: endpoint, trpcOptions: { router, createContext } });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  return { origin, [Symbol.asyncDispose]: () => app.close() };
}

function createKoaApp(): RequestListener {
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx, next) => {
    ctx.cookies.set('theme', 'dark');
    ctx.set('vary', 'Origin');
    await next();
    ctx.set('cache-control', 'public');
  });
  app.use(async (ctx) => {
    const session = sessions.open(ctx.req, createNodeSink(ctx.res));
    if (ctx.path === '/me') {
      ctx.body = (await session.require()).data;
      return;
    }
    await session.start(ada);
    if (ctx.path === '/error') throw new Error('after the sign-in');
    if (ctx.path === '/redirect') ctx.redirect('/me');
    else ctx.body = ctx.path === '/stream' ? Readable.from([long, long]) : { long };
  });
  return app.callback();
}

async function serveHono(): Promise<RunningServer> {
  const app = new Hono();
  app.use(compress(), secureHeaders(), cors({ origin: 'https://app.example.com', credentials: true }));
  app.use(async (c, next) => {
    setCookie(c, 'theme', 'dark');
    await next();
  });
  const signIn = (c: Context) => sessions.open(c.req.raw, createHeadersSink(c.res.headers)).start(ada);
  const route = (path: string, respond: (c: Context) => Response) =>
    app.post(path, async (c) => {
      await signIn(c);
      return respond(c);
    });
  route('/json', (c) => c.json({ long }));
  route('/redirect', (c) => c.redirect('/me'));
  route('/stream', (c) => stream(c, async (body) => void (await body.write(long))));
  route('/error', () => {
    throw new Error('after the sign-in');
  });
  app.onError((_error, c) => c.text('error', 500));
  app.all(`${endpoint}/*`, async (c) => {
    const response = await fetchRequestHandler({ endpoint, req: c.req.raw, router, createContext });
    for (const cookie of response.headers.getSetCookie()) c.header('set-cookie', cookie, { append: true });
    return response;
  });
  app.get('/me', async (c) => {
    const { data } = await sessions.open(c.req.raw, createHeadersSink(c.res.headers)).require();
    return c.json(data);
  });
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
  await once(server, 'listening');
  const address = server.address();
  const dispose = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${typeof address === 'object' && address?.port}`, [Symbol.asyncDispose]: dispose };
}

const paths = ['/json', '/redirect', '/stream', '/error', `${endpoint}/direct.signIn`] as const;
const table = Object.keys(servers).flatMap((name) => paths.map((path) => ({ name, path })));

describe('the cookie of a sign-in arrives', () => {
  test.each(table.filter(({ name, path }) => name !== 'Koa' || !path.startsWith(endpoint)))(
    'in $name, from $path',
    async ({ name, path }) => {
      await using server = (await servers[name]?.()) as RunningServer;
      const visit = createBrowserFetch(new CookieJar(), server.origin);
      const json = { 'content-type': 'application/json', 'accept-encoding': 'gzip' };
      const { status, headers } = await visit(path, { method: 'POST', headers: json, body: '{}' });
      const cookies = headers.getSetCookie();
      expect(status).toBe(path === '/redirect' ? 302 : path === '/error' ? 500 : 200);
      expect(cookies.filter((line) => line.startsWith('ssid='))).toHaveLength(1);
      // The error pages of Express and Koa drop the headers of the app.
      if (path !== '/error') expect(cookies.filter((line) => line.startsWith('theme='))).toHaveLength(1);
      expect(cookies.length).toBeLessThanOrEqual(2);
      expect(headers.get('cache-control')).toMatch(/private, no-store/);
      expect(headers.get('vary')).toMatch(/\bcookie\b/i);
      if (path === '/json' && /Express|Hono/.test(name)) expect(headers.get('content-encoding')).toBe('gzip');
      expect(await (await visit('/me')).json()).toEqual(ada);
    },
  );
});
