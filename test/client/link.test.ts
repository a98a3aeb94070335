// Slow: it starts an HTTP server.
import { createTRPCClient, httpLink, type Operation, splitLink, type TRPCLink } from '@trpc/client';
import superjson from 'superjson';
import { type SessionLinkOptions, sessionLink } from 'trpc-session/client';
import { describe, expect, test } from 'vitest';
import { createTestApp, type TestRouter } from '../trpc/_support/app.ts';
import { Visitor } from '../trpc/_support/client.ts';
import { serve } from '../trpc/_support/servers.ts';

async function setting(options: Partial<SessionLinkOptions<TestRouter>> = {}) {
  const app = createTestApp();
  const server = await serve('fetch', app);
  const visitor = new Visitor();
  const accepts: Record<string, string | null> = {};
  const link = sessionLink<TestRouter>({
    url: server.url,
    fetch: ((url: string, init: RequestInit) => {
      accepts[String(init.method)] = new Headers(init.headers).get('trpc-accept');
      return visitor.fetch(url, init);
    }) as never,
    transformer: superjson,
    ...options,
  });
  const client = createTRPCClient<TestRouter>({ links: [link] });
  return { app, server, visitor, client, accepts, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('sessionLink', () => {
  test('sends the mutations of a moment in one batch that does not stream, and the queries in one that does', async () => {
    await using it = await setting();
    await Promise.all([
      it.client.direct.signIn.mutate(),
      it.client.hello.query(),
      it.client.slow.signIn.mutate({ name: 'Ada' }),
      it.client.maybe.query(),
    ]);
    expect(it.server.requests.toSorted()).toEqual([
      expect.stringMatching(/^GET \/api\/trpc\/hello,maybe\?batch=1/),
      expect.stringMatching(/^POST \/api\/trpc\/direct\.signIn,slow\.signIn\?batch=1/),
    ]);
    expect(it.accepts).toEqual({ GET: 'application/jsonl', POST: null });
    expect(it.visitor.cookie).toBeDefined();
  });

  test('hands everything but mutations to `others`', async () => {
    const seen: Operation[] = [];
    const spying: TRPCLink<TestRouter> =
      () =>
      ({ op, next }) => {
        seen.push(op);
        return next(op);
      };
    await using it = await setting();
    const queryLink: TRPCLink<TestRouter> = splitLink({
      condition: () => true,
      true: [spying, httpLink({ url: it.server.url, fetch: it.visitor.fetch as never, transformer: superjson })],
      false: [],
    });
    const link = sessionLink<TestRouter>({
      url: it.server.url,
      fetch: it.visitor.fetch as never,
      transformer: superjson,
      queryLink,
    });
    const client = createTRPCClient<TestRouter>({ links: [link] });
    await client.direct.signIn.mutate();
    expect(await client.me.query()).toBe('Ada');
    expect(seen.map(({ path }) => path)).toEqual(['me']);
    expect(it.server.requests.at(-1)).toMatch(/^GET \/api\/trpc\/me\?(?!batch)/);
  });

  test('sends a form and a file, each alone', async () => {
    await using it = await setting();
    await it.client.direct.signIn.mutate();
    const form = new FormData();
    form.set('title', 'Tides');
    const file = new Blob(['12345']);
    const answers = await Promise.all([
      it.client.upload.mutate(form),
      it.client.uploadBytes.mutate(file as never),
      it.client.uploadBytes.mutate(new Uint8Array(7) as never),
    ]);
    expect(answers).toEqual(['Tides', 5, 7]);
    expect(it.server.requests.slice(1).toSorted()).toEqual([
      'POST /api/trpc/upload',
      'POST /api/trpc/uploadBytes',
      'POST /api/trpc/uploadBytes',
    ]);
  });

  test.each([
    ['given', { 'x-app': 'tides' }],
    [
      'made for the calls of a batch',
      ({ opList }: { opList: readonly Operation[] }) => ({ 'x-app': opList.map(({ path }) => path).join() }),
    ],
  ])('sends headers that are %s with every request', async (_, headers) => {
    const sent: (string | null)[] = [];
    await using it = await setting({ headers: headers as never });
    const client = createTRPCClient<TestRouter>({
      links: [
        sessionLink<TestRouter>({
          url: it.server.url,
          transformer: superjson,
          headers: headers as never,
          fetch: ((url: string, init: RequestInit) => {
            sent.push(new Headers(init.headers).get('x-app'));
            return it.visitor.fetch(url, init);
          }) as never,
        }),
      ],
    });
    await client.direct.signIn.mutate();
    await client.upload.mutate(new FormData());
    await client.me.query();
    expect(sent).toEqual(
      typeof headers === 'function' ? ['direct.signIn', 'upload', 'me'] : ['tides', 'tides', 'tides'],
    );
  });
});
