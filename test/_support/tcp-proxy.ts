import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What befalls one reply: the connection ends where it would have passed. */
export interface Cut {
  /** Runs first: the command has taken effect by then, and its client still waits. */
  readonly meanwhile?: () => Promise<unknown>;
  /** How much of the reply still arrives, from 0 (the default) to 1. */
  readonly share?: number;
}

/** Decides about a reply by the text of the requests that it answers. */
export type ReplyJudge = (requests: string) => Cut | null;

/** Stands between a client and a server, and does to their traffic what a bad network does. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Holds every chunk back for this long, each way. 0 ends it. */
  delay(ms: number): void;
  /** True: nothing passes any more, neither way, and no connection ends. What came meanwhile is lost. */
  blackhole(on: boolean): void;
  /** Breaks every connection there is; new ones are let in. */
  reset(): void;
  /** Asks about every reply from now on; null asks no more. */
  judgeReplies(judge: ReplyJudge | null): void;
  /** How many connections are open. */
  connections(): number;
  close(): Promise<void>;
}

/** What the test has asked for so far. */
interface Weather {
  delayMs: number;
  swallowing: boolean;
  judge: ReplyJudge | null;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const weather: Weather = { delayMs: 0, swallowing: false, judge: null };
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    join(client, connect(targetPort, '127.0.0.1'), weather);
  });
  const port = await listen(server);
  const proxy: TcpProxy = {
    port,
    url: `redis://127.0.0.1:${port}`,
    delay: (ms) => {
      weather.delayMs = ms;
    },
    blackhole: (on) => {
      weather.swallowing = on;
    },
    reset: () => {
      for (const client of clients) client.resetAndDestroy();
    },
    judgeReplies: (judge) => {
      weather.judge = judge;
    },
    connections: () => clients.size,
    close: async () => {
      server.close();
      for (const client of clients) client.destroy();
      if (server.listening) await once(server, 'close');
    },
    [Symbol.asyncDispose]: () => proxy.close(),
  };
  return proxy;
}

/** Loses the reply to the next request that matches, once. `done` tells whether that has happened. */
export function loseNextReply(proxy: TcpProxy, matching: RegExp, cut: Cut = {}): { readonly done: () => boolean } {
  let lost = false;
  proxy.judgeReplies((requests) => {
    if (lost || !matching.test(requests)) return null;
    lost = true;
    return cut;
  });
  return { done: () => lost };
}

/** Loses the reply to every request that matches the first time it is sent, and lets its repetitions pass. */
export function loseEveryReplyOnce(proxy: TcpProxy, matching: RegExp): { readonly lost: () => number } {
  const repeated = new Set<string>();
  proxy.judgeReplies((requests) => {
    if (!matching.test(requests) || repeated.has(requests)) return null;
    repeated.add(requests);
    return {};
  });
  return { lost: () => repeated.size };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function join(client: Socket, server: Socket, weather: Weather): void {
  let requests = '';
  relay(client, weather, async (chunk) => {
    requests += chunk.toString('latin1');
    server.write(chunk);
  });
  relay(server, weather, async (chunk) => {
    const cut = weather.judge?.(requests) ?? null;
    requests = '';
    if (cut === null) client.write(chunk);
    else await sever(client, chunk, cut);
  });
  for (const [one, other] of [[client, server] as const, [server, client] as const]) {
    one.setNoDelay(true);
    one.on('error', () => {});
    one.once('close', () => other.destroy());
  }
}

/** Passes chunks on in their order, each when its time has come. */
function relay(from: Socket, weather: Weather, pass: (chunk: Buffer) => Promise<void>): void {
  let queue = Promise.resolve();
  from.on('data', (chunk) => {
    if (weather.swallowing) return;
    const due = performance.now() + weather.delayMs;
    queue = queue.then(async () => {
      const waitMs = due - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      if (!weather.swallowing) await pass(chunk);
    });
  });
}

async function sever(client: Socket, reply: Buffer, { meanwhile, share = 0 }: Cut): Promise<void> {
  await meanwhile?.();
  const rest = reply.subarray(0, Math.floor(reply.length * share));
  if (rest.length > 0) await new Promise((resolve) => client.write(rest, resolve));
  client.destroy();
}
