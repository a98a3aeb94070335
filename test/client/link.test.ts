// Slow: it starts an HTTP server.
import { createTRPCClient, httpLink, type Operation, splitLink, type TRPCLink } from '@trpc/client';
import superjson from 'superjson';
import { type SessionLinkOptions, sessionLink } from 'trpc-session/client';
import { describe, expect, test } from 'vitest';
import { createTestApp, type TestRouter } from '../trpc/_support/app.ts';
import { Visitor } from '../trpc/_support/client.ts';
import { serve } from '../trpc/_support/servers.ts';

async function createSetting(options: Partial<SessionLinkOptions<TestRouter>> = {}) {
  const app = createTestApp();
  const server = await serve('fetch', app);
  const visitor = new Visitor();
  const acceptHeaders: Record<string, string | null> = {};
  const link = sessionLink<TestRouter>({
    url: server.url,
    fetch: ((url: string, init: RequestInit) => {
      acceptHeaders[String(init.method)] = new Headers(init.headers).get('trpc-accept');
      return visitor.fetch(url, init);
    }) as never,
    transformer: superjson,
    ...options,
  });
  const client = createTRPCClient<TestRouter>({ links: [link] });
  return { app, server, visitor, client, acceptHeaders, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('sessionLink', () => {
  test('sends simultaneous mutations in one batch that does not stream, and queries in one that streams', async () => {
    await using it = await createSetting();
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
    expect(it.acceptHeaders).toEqual({ GET: 'application/jsonl', POST: null });
    expect(it.visitor.cookie).toBeDefined();
  });

  test('passes everything except mutations to `queryLink`', async () => {
    const operations: Operation[] = [];
    const recordingLink: TRPCLink<TestRouter> =
      () =>
      ({ op, next }) => {
        operations.push(op);
        return next(op);
      };
    await using it = await createSetting();
    const queryLink: TRPCLink<TestRouter> = splitLink({
      condition: () => true,
      true: [recordingLink, httpLink({ url: it.server.url, fetch: it.visitor.fetch as never, transformer: superjson })],
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
    expect(operations.map(({ path }) => path)).toEqual(['me']);
    expect(it.server.requests.at(-1)).toMatch(/^GET \/api\/trpc\/me\?(?!batch)/);
  });

  test('sends forms and files alone, outside of a batch', async () => {
    await using it = await createSetting();
    await it.client.direct.signIn.mutate();
    const form = new FormData();
    form.set('title', 'Tides');
    const file = new Blob(['12345']);
    const results = await Promise.all([
      it.client.upload.mutate(form),
      it.client.uploadBytes.mutate(file as never),
      it.client.uploadBytes.mutate(new Uint8Array(7) as never),
    ]);
    expect(results).toEqual(['Tides', 5, 7]);
    expect(it.server.requests.slice(1).toSorted()).toEqual([
      'POST /api/trpc/upload',
      'POST /api/trpc/uploadBytes',
      'POST /api/trpc/uploadBytes',
    ]);
  });

  test.each([
    ['an object', { 'x-app': 'tides' }],
    [
      'a function of the calls of a batch',
      ({ opList }: { opList: readonly Operation[] }) => ({ 'x-app': opList.map(({ path }) => path).join() }),
    ],
  ])('sends headers that are %s, with every request', async (_, headers) => {
    const sent: (string | null)[] = [];
    await using it = await createSetting({ headers: headers as never });
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
