import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTRPCClient, createWSClient, type TRPCClient, wsLink } from '@trpc/client';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import superjson from 'superjson';
import { WebSocket, WebSocketServer } from 'ws';
import type { TestApp, TestRouter } from './app.ts';
import type { Server } from './servers.ts';

export interface SocketServer extends Server {
  /** The number of WebSocket handshakes that were received. */
  readonly handshakes: () => number;
}

/** Serves the app over HTTP and WebSockets at the same address. */
export async function serveSockets({ router, createContext }: TestApp): Promise<SocketServer> {
  const requests: string[] = [];
  const server = createServer(createHTTPHandler({ router, createContext, basePath: '/api/trpc/' }));
  const wss = new WebSocketServer({ server });
  let handshakes = 0;
  wss.on('connection', () => {
    handshakes += 1;
  });
  applyWSSHandler({ wss, router, createContext });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/api/trpc`,
    origin,
    requests,
    handshakes: () => handshakes,
    [Symbol.asyncDispose]: async () => {
      for (const client of wss.clients) client.terminate();
      wss.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Handshake {
  readonly cookie?: string | undefined;
  /** Browsers send it with every handshake. */
  readonly origin?: string;
  readonly site?: string;
  readonly connectionParams?: Readonly<Record<string, unknown>>;
}

export interface SocketClient extends Disposable {
  readonly client: TRPCClient<TestRouter>;
}

/** Creates a client that uses one WebSocket, opened with the headers of a browser. */
export function connect(server: Server, { cookie, origin, site, connectionParams }: Handshake = {}): SocketClient {
  class BrowserSocket extends WebSocket {
    constructor(address: string) {
      super(address, {
        headers: {
          ...(cookie && { cookie: `ssid=${cookie}` }),
          ...(origin && { origin }),
          ...(site && { 'sec-fetch-site': site }),
        },
      });
    }
  }
  const socket = createWSClient({
    url: server.origin.replace('http:', 'ws:'),
    // `ws` has all that tRPC uses, but not all of the DOM's WebSocket.
    WebSocket: BrowserSocket as never,
    ...(connectionParams && { connectionParams: connectionParams as Record<string, string> }),
  });
  const client = createTRPCClient<TestRouter>({ links: [wsLink({ client: socket, transformer: superjson })] });
  return { client, [Symbol.dispose]: () => void socket.close() };
}
