import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createNodeSink, isSessionError, type SessionsOptions } from 'trpc-session';
import type { z } from 'zod';
import { type accountSchema, createAccountSessions } from '../../_support/sessions.ts';

type Options = Partial<
  Pick<SessionsOptions<typeof accountSchema, object, z.ZodType>, 'secret' | 'transport' | 'origins'>
>;

/** What the server sent back, as it was on the wire. */
interface RawResponse {
  readonly status: number;
  /** The status line and the header lines. */
  readonly headers: string;
  readonly body: string;
}

/** A server with one guarded path (`/me`), one that signs in, and one that signs out, on a real socket. */
export interface RawServer extends AsyncDisposable {
  /** Sends these bytes, byte by byte as they are. Resolves when the server has closed the connection. */
  sendBytes(request: Buffer): Promise<RawResponse>;
  /** Sends a request with these header lines. Characters above U+00FF are not allowed in them. */
  send(lines: readonly string[], requestLine?: string): Promise<RawResponse>;
  /** Signs Ada in, and resolves to the name and the value of her cookie. */
  signIn(): Promise<{ readonly name: string; readonly value: string }>;
  /** The store calls since the last sign-in. */
  readonly calls: readonly string[];
  readonly manager: ReturnType<typeof createAccountSessions>;
}

export async function startRawServer(options: Options = {}): Promise<RawServer> {
  const manager = createAccountSessions(options);
  const server = createServer({ maxHeaderSize: 32_768 }, createListener(manager.sessions));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sendBytes = (request: Buffer) => exchangeBytes(port, request);
  const send = (lines: readonly string[], requestLine = 'GET /me') =>
    sendBytes(toRequest([`${requestLine} HTTP/1.1`, 'Host: app.example', ...lines]));
  return {
    sendBytes,
    send,
    signIn: async () => {
      const { headers } = await send(['Sec-Fetch-Site: same-origin'], 'POST /sign-in');
      const [, name = '', value = ''] = /^set-cookie: ([^=]+)=([^;]*)/im.exec(headers) ?? [];
      manager.calls.length = 0;
      return { name, value };
    },
    calls: manager.calls,
    manager,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function toRequest(lines: readonly string[]): Buffer {
  return Buffer.from(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`, 'latin1');
}

type Manager = ReturnType<typeof createAccountSessions>['sessions'];

function createListener(sessions: Manager): RequestListener {
  return async (req, res) => {
    try {
      const session = sessions.open(req, createNodeSink(res));
      const body = await respond(session, req);
      res.end(JSON.stringify(body));
    } catch (error) {
      res.statusCode = isSessionError(error) ? error.status : 500;
      res.end(isSessionError(error) ? error.code : String(error));
    }
  };
}

async function respond(session: ReturnType<Manager['open']>, { url, method }: IncomingMessage): Promise<unknown> {
  if (url?.startsWith('/me')) return (await session.require()).data;
  if (method !== 'POST') return null;
  if (url === '/sign-in')
    return (await session.start({ userId: 'ada', name: 'Ada', role: 'member', visits: 0 })).session.id;
  if (url === '/visit')
    return (await session.update(({ visits, ...data }) => ({ ...data, visits: visits + 1 }))).revision;
  return session.destroy();
}

async function exchangeBytes(port: number, request: Buffer): Promise<RawResponse> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // A server may close the connection before it has read everything.
  socket.on('error', () => {});
  socket.write(request);
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString('latin1');
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  return { status, headers: head.replaceAll('\r', ''), body };
}
