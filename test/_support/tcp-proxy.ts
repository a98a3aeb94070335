import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

/** How a reply is lost: the connection is closed instead of delivering it. */
export interface Cut {
  /** Called before the connection is closed. The command has already taken effect, and its client still waits. */
  readonly meanwhile?: () => Promise<unknown>;
  /** The share of the reply that still arrives, from 0 to 1. @default 0 */
  readonly share?: number;
}

/** Decides whether a reply is lost, by the text of its requests. Null delivers it. */
type ReplyFilter = (requests: string) => Cut | null;

/** A proxy between a client and a server that simulates a bad network. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Delays each chunk in both directions, by milliseconds or by a function called for each chunk. 0 turns it off. */
  delay(ms: number | (() => number)): void;
  /** True holds everything back in both directions. False delivers it in order. */
  hold(on: boolean): void;
  /** Delivers everything in small pieces, as a slow line does. Null turns it off. */
  trickle(pieces: Pieces | null): void;
  /**
   * True drops everything in both directions, and no connection ends. A connection that lost something stays dead, as a
   * half-open one does: later replies would be taken for replies to the lost requests.
   */
  blackhole(on: boolean): void;
  /** Resets every open connection. New ones are accepted. */
  reset(): void;
  /** Calls the filter for every reply from now on. Null removes it. */
  filterReplies(filter: ReplyFilter | null): void;
  /** The number of open connections. */
  connections(): number;
  close(): Promise<void>;
}

/** The size and pace of the pieces that `trickle` delivers. */
interface Pieces {
  /** The maximum size of a piece. */
  readonly bytes: number;
  /** Milliseconds between two pieces. 0 delivers one per turn of the event loop. */
  readonly everyMs: number;
}

/** What the test has turned on. */
interface Conditions {
  delayMs: () => number;
  held: Promise<void>;
  release: () => void;
  pieces: Pieces | null;
  isBlackholed: boolean;
  filter: ReplyFilter | null;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const conditions: Conditions = {
    delayMs: () => 0,
    held: Promise.resolve(),
    release: () => {},
    pieces: null,
    isBlackholed: false,
    filter: null,
  };
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    connectSockets(client, connect(targetPort, '127.0.0.1'), conditions);
  });
  const port = await listen(server);
  const proxy: TcpProxy = {
    port,
    url: `redis://127.0.0.1:${port}`,
    delay: (ms) => {
      conditions.delayMs = typeof ms === 'number' ? () => ms : ms;
    },
    hold: (on) => {
      conditions.release();
      if (!on) return;
      conditions.held = new Promise((resolve) => {
        conditions.release = resolve;
      });
    },
    trickle: (pieces) => {
      conditions.pieces = pieces;
    },
    blackhole: (on) => {
      conditions.isBlackholed = on;
    },
    reset: () => {
      for (const client of clients) client.resetAndDestroy();
    },
    filterReplies: (filter) => {
      conditions.filter = filter;
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

/** Loses the reply to the next request that matches, once. `done` returns whether that has happened. */
export function loseNextReply(proxy: TcpProxy, matching: RegExp, cut: Cut = {}): { readonly done: () => boolean } {
  let lost = false;
  proxy.filterReplies((requests) => {
    if (lost || !matching.test(requests)) return null;
    lost = true;
    return cut;
  });
  return { done: () => lost };
}

/** Loses the reply to each matching request the first time it is sent. Replies to repetitions are delivered. */
export function loseEveryReplyOnce(proxy: TcpProxy, matching: RegExp): { readonly lost: () => number } {
  const repeated = new Set<string>();
  proxy.filterReplies((requests) => {
    const at = requests.search(matching);
    // Without the handshake that a client may send before it.
    const command = requests.slice(at);
    if (at < 0 || repeated.has(command)) return null;
    repeated.add(command);
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
  readonly conditions: Conditions;
  /** True once it lost something. Nothing is delivered any more. */
  isDead: boolean;
}

function connectSockets(client: Socket, server: Socket, conditions: Conditions): void {
  const line: Line = { conditions, isDead: false };
  let requests = '';
  relay(client, line, async (chunk) => {
    requests += chunk.toString('latin1');
    await sendChunk(server, chunk, conditions);
  });
  relay(server, line, async (chunk) => {
    const cut = conditions.filter?.(requests) ?? null;
    requests = '';
    if (cut === null) await sendChunk(client, chunk, conditions);
    else await cutConnection(client, chunk, cut);
  });
  for (const [one, other] of [[client, server] as const, [server, client] as const]) {
    one.setNoDelay(true);
    one.on('error', () => {});
    one.once('close', () => other.destroy());
  }
}

/** Delivers chunks in order, each after its delay. */
function relay(from: Socket, line: Line, pass: (chunk: Buffer) => Promise<void>): void {
  const { conditions } = line;
  let queue = Promise.resolve();
  const isDropping = (): boolean => {
    line.isDead ||= conditions.isBlackholed;
    return line.isDead;
  };
  from.on('data', (chunk) => {
    if (isDropping()) return;
    const due = performance.now() + conditions.delayMs();
    queue = queue.then(async () => {
      const waitMs = due - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      await conditions.held;
      if (!isDropping()) await pass(chunk);
    });
  });
}

async function sendChunk(to: Socket, chunk: Buffer, conditions: Conditions): Promise<void> {
  for (let rest = chunk; rest.length > 0 && !to.destroyed; ) {
    const { bytes, everyMs } = conditions.pieces ?? { bytes: rest.length, everyMs: null };
    to.write(rest.subarray(0, bytes));
    rest = rest.subarray(bytes);
    // Pieces that are written together would be sent as one.
    if (everyMs !== null) await (everyMs > 0 ? sleep(everyMs) : turn());
  }
}

async function cutConnection(client: Socket, reply: Buffer, { meanwhile, share = 0 }: Cut): Promise<void> {
  await meanwhile?.();
  const rest = reply.subarray(0, Math.floor(reply.length * share));
  if (rest.length > 0) await new Promise((resolve) => client.write(rest, resolve));
  client.destroy();
}
