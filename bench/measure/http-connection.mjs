import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Opens a connection that sends one request at a time, prepared as bytes. It does much less than an HTTP client, so that
 * the server is what is measured.
 */
export async function openConnection(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let received = '';
  let waiting = null;
  const settle = (outcome) => {
    const { resolve, reject } = waiting ?? {};
    waiting = null;
    received = '';
    if (outcome instanceof Error) reject?.(outcome);
    else resolve?.(outcome);
  };
  socket.on('data', (chunk) => {
    received += chunk.latin1Slice();
    const response = parseResponse(received);
    if (response) settle(response);
  });
  socket.on('error', settle);
  socket.on('close', () => settle(new Error('The server closed the connection')));
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** Returns the response if all of it has arrived, otherwise null. */
function parseResponse(text) {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = text.slice(0, headEnd);
  const start = headEnd + 4;
  const status = Number(text.slice(9, 12));
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  if (length === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)) {
    if (!text.endsWith('\r\n0\r\n\r\n')) return null;
  } else if (text.length < start + Number(length ?? 0)) return null;
  return { status, head, body: text.slice(start) };
}

/** Prepares the bytes of a request, with the headers that a browser sends from a page of the same site. */
export function createRequest(method, path, cookie) {
  const body = method === 'POST' ? '{}' : '';
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: localhost',
    'accept: */*',
    'sec-fetch-site: same-origin',
    'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    ...(cookie ? [`cookie: ${cookie}`] : []),
    ...(body ? ['content-type: application/json', `content-length: ${body.length}`, 'origin: http://localhost'] : []),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** Returns the value of the Cookie header that a browser would send after a response. */
export function readCookies({ head }) {
  return Array.from(head.matchAll(/\r\nset-cookie: ([^;\r\n]+)/gi), ([, pair]) => pair).join('; ');
}
