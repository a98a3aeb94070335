// Slow: it starts HTTP servers.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createNodeSink, type SessionError } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { ada, createAccountSessions } from '../../_support/sessions.ts';
import { listen } from '../../trpc/_support/servers.ts';

/** Responds to one request, and resolves to the response that a client receives. */
async function receive(respond: (res: ServerResponse) => void): Promise<Response> {
  await using server = await listen((_req, res) => respond(res));
  const response = await fetch(server.origin);
  await response.text();
  return response;
}

describe('createNodeSink', () => {
  test.each<[string, (res: ServerResponse) => void]>([
    ['an object of headers', (res) => res.writeHead(200, { 'Set-Cookie': 'theme=dark', Vary: 'Accept' })],
    ['headers and a reason', (res) => res.writeHead(200, 'Fine', { 'set-cookie': ['theme=dark'], vary: 'Accept' })],
    ['a list of names and values', (res) => res.writeHead(200, ['Set-Cookie', 'theme=dark', 'Vary', 'Accept'])],
    [
      'headers set before',
      (res) => res.setHeader('set-cookie', 'theme=dark').setHeader('vary', 'Accept').writeHead(200),
    ],
  ])('keeps the headers of the app and its own: %s', async (_case, writeHead) => {
    const { headers } = await receive((res) => {
      const sink = createNodeSink(res);
      sink.setCookie({ name: 'ssid', value: 'one' });
      sink.markPrivate();
      writeHead(res);
      res.end();
    });
    expect(headers.getSetCookie().toSorted()).toEqual(['ssid=one', 'theme=dark']);
    expect(headers.get('vary')).toBe('Accept, Cookie');
    expect(headers.get('cache-control')).toBe('private, no-store');
  });

  test('keeps the cookie if an error page removes all headers', async () => {
    const { headers } = await receive((res) => {
      createNodeSink(res).setCookie({ name: 'ssid', value: 'one' });
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      res.end('error');
    });
    expect(headers.getSetCookie()).toEqual(['ssid=one']);
  });

  test('sends the newest cookie if several sinks write to one response', async () => {
    const { headers } = await receive((res) => {
      const [first, second] = [createNodeSink(res), createNodeSink(res)];
      first.setCookie({ name: 'ssid', value: 'one' });
      second.setCookie({ name: 'ssid', value: 'two' });
      res.end();
    });
    expect(headers.getSetCookie()).toEqual(['ssid=two']);
  });

  test('sends cookies of one name for several domains, and the last one of each', async () => {
    const { headers } = await receive((res) => {
      const sink = createNodeSink(res);
      for (const value of ['one', 'two']) {
        sink.setCookie({ name: 'ssid', value, domain: 'shop.test' });
        sink.setCookie({ name: 'ssid', value });
      }
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      res.writeHead(200, { 'set-cookie': 'ssid=of-the-app; Path=/other' }).end();
    });
    expect(headers.getSetCookie().toSorted()).toEqual([
      'ssid=of-the-app; Path=/other',
      'ssid=two',
      'ssid=two; Domain=shop.test',
    ]);
  });

  test("takes Fastify's reply, which has Node's response as `raw`", async () => {
    const { headers } = await receive((raw) => {
      createNodeSink({ raw }).setCookie({ name: 'ssid', value: 'one' });
      raw.end();
    });
    expect(headers.getSetCookie()).toEqual(['ssid=one']);
  });

  test('signs in over HTTP/2, and compares the origin with :authority', async () => {
    const { sessions } = createAccountSessions();
    const server = createServer(async (req, res) => {
      const status = await sessions
        .open(req, createNodeSink(res))
        .start(ada)
        .then(
          () => 200,
          (error: SessionError) => error.status,
        );
      res.writeHead(status, { 'set-cookie': 'theme=dark' }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const authority = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = connect(authority);
    const signIn = async (origin: string) => {
      const stream = client.request({ ':method': 'POST', origin });
      stream.end();
      return (await once(stream, 'response'))[0];
    };
    expect(await signIn('http://evil.example')).toMatchObject({ ':status': 403 });
    expect(await signIn(authority)).toMatchObject({
      ':status': 200,
      'set-cookie': ['theme=dark', expect.stringMatching(/^ssid=/)],
      'cache-control': 'private, no-store',
    });
    client.destroy();
    server.close();
  });

  test('reports that no cookie can be sent after the headers were sent', async () => {
    const obstacles: unknown[] = [];
    await receive((res) => {
      const sink = createNodeSink(res);
      obstacles.push(sink.cookieObstacle());
      res.flushHeaders();
      obstacles.push(sink.cookieObstacle());
      sink.markPrivate();
      res.end();
    });
    expect(obstacles).toEqual([null, 'ended']);
  });

  test.each([null, undefined, {}, new Headers(), new Response()])('refuses %o, and names what it takes', (res) => {
    expect(() => createNodeSink(res as never)).toThrow(/`res` must be Node's ServerResponse or Fastify's reply/);
  });
});
