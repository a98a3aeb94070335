import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

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
  /** Holds every chunk back for this long, each way; a function says how long anew for each. 0 ends it. */
  delay(ms: number | (() => number)): void;
  /** True: keeps everything back, each way, in its order. False lets it go on. */
  hold(on: boolean): void;
  /** Passes everything on in small pieces: bytes one by one, or as few at a time as a thin line carries. Null ends it. */
  trickle(pieces: Pieces | null): void;
  /**
   * True: nothing passes any more, neither way, and no connection ends. A connection that lost something stays dead for
   * good, as a half-open one does: what follows would answer other questions.
   */
  blackhole(on: boolean): void;
  /** Breaks every connection there is; new ones are let in. */
  reset(): void;
  /** Asks about every reply from now on; null asks no more. */
  judgeReplies(judge: ReplyJudge | null): void;
  /** How many connections are open. */
  connections(): number;
  close(): Promise<void>;
}

/** Of this many bytes at most, one every so many milliseconds; 0: one after the other. */
export interface Pieces {
  readonly bytes: number;
  readonly everyMs: number;
}

/** What the test has asked for so far. */
interface Weather {
  delayMs: () => number;
  held: Promise<void>;
  release: () => void;
  pieces: Pieces | null;
  swallowing: boolean;
  judge: ReplyJudge | null;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const weather: Weather = {
    delayMs: () => 0,
    held: Promise.resolve(),
    release: () => {},
    pieces: null,
    swallowing: false,
    judge: null,
  };
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
      weather.delayMs = typeof ms === 'number' ? () => ms : ms;
    },
    hold: (on) => {
      weather.release();
      if (!on) return;
      weather.held = new Promise((resolve) => {
        weather.release = resolve;
      });
    },
    trickle: (pieces) => {
      weather.pieces = pieces;
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

/** One connection through the proxy. */
interface Line {
  readonly weather: Weather;
  /** Lost something once, so nothing passes any more. */
  isDead: boolean;
}

function join(client: Socket, server: Socket, weather: Weather): void {
  const line: Line = { weather, isDead: false };
  let requests = '';
  relay(client, line, async (chunk) => {
    requests += chunk.toString('latin1');
    await send(server, chunk, weather);
  });
  relay(server, line, async (chunk) => {
    const cut = weather.judge?.(requests) ?? null;
    requests = '';
    if (cut === null) await send(client, chunk, weather);
    else await sever(client, chunk, cut);
  });
  for (const [one, other] of [[client, server] as const, [server, client] as const]) {
    one.setNoDelay(true);
    one.on('error', () => {});
    one.once('close', () => other.destroy());
  }
}

/** Passes chunks on in their order, each when its time has come. */
function relay(from: Socket, line: Line, pass: (chunk: Buffer) => Promise<void>): void {
  const { weather } = line;
  let queue = Promise.resolve();
  const swallows = (): boolean => {
    line.isDead ||= weather.swallowing;
    return line.isDead;
  };
  from.on('data', (chunk) => {
    if (swallows()) return;
    const due = performance.now() + weather.delayMs();
    queue = queue.then(async () => {
      const waitMs = due - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      await weather.held;
      if (!swallows()) await pass(chunk);
    });
  });
}

async function send(to: Socket, chunk: Buffer, weather: Weather): Promise<void> {
  for (let rest = chunk; rest.length > 0 && !to.destroyed; ) {
    const { bytes, everyMs } = weather.pieces ?? { bytes: rest.length, everyMs: null };
    to.write(rest.subarray(0, bytes));
    rest = rest.subarray(bytes);
    // Written at once, pieces would travel as one.
    if (everyMs !== null) await (everyMs > 0 ? sleep(everyMs) : turn());
  }
}

async function sever(client: Socket, reply: Buffer, { meanwhile, share = 0 }: Cut): Promise<void> {
  await meanwhile?.();
  const rest = reply.subarray(0, Math.floor(reply.length * share));
  if (rest.length > 0) await new Promise((resolve) => client.write(rest, resolve));
  client.destroy();
}
