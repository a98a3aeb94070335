import { openConnection } from './http-connection.mjs';

/** Opens connections to a server, which `run` keeps busy. */
export async function openLoad(port, connectionCount) {
  const connections = await Promise.all(Array.from({ length: connectionCount }, () => openConnection(port)));
  return {
    /**
     * Sends requests over some of the connections until the time is over or `next` returns null. Rejects if a response
     * has another status than 200.
     *
     * @param {object} burst
     * @param {number} burst.inFlight How many connections are used.
     * @param {number} [burst.ms] For how long.
     * @param {(index: number) => Buffer | null} burst.next Returns the request of an index.
     * @param {(index: number, response: object) => void} [burst.onResponse]
     */
    run: (burst) => sendBurst(connections.slice(0, burst.inFlight), burst),
    close: () => {
      for (const connection of connections) connection.close();
    },
  };
}

async function sendBurst(connections, { ms = Number.POSITIVE_INFINITY, next, onResponse }) {
  const start = performance.now();
  const latencies = [];
  let sent = 0;
  const work = async (connection) => {
    for (let at = performance.now(); at - start < ms; ) {
      const index = sent;
      const request = next(index);
      if (!request) return;
      sent++;
      const response = await connection.send(request);
      if (response.status !== 200) throw new Error(`Status ${response.status}: ${request}\n${response.body}`);
      onResponse?.(index, response);
      const now = performance.now();
      latencies.push(now - at);
      at = now;
    }
  };
  await Promise.all(connections.map(work));
  return { count: sent, wallMs: performance.now() - start, latencies };
}
