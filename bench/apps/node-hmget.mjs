import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { parseCookie } from 'cookie';
import { createJsonServer } from './json-server.mjs';
import { createNextUser, describeUser } from './user-data.mjs';

/**
 * The limit: node:http, and HMGET written by hand on a socket. It has no deadline, no reconnection and no seal, so it is no
 * session library. It shows how fast a read of Redis can be.
 */
export function createApp({ redisUrl }) {
  const send = connectByHand(Number(new URL(redisUrl).port));
  const routes = {
    '/me': async (req) => {
      const { sid } = parseCookie(req.headers.cookie ?? '');
      const [, , , , body] = await send(['HMGET', `limit:${sid}`, 'head', 'body']);
      return describeUser(JSON.parse(body));
    },
    '/sign-in': async (_req, res) => {
      const sid = randomBytes(32).toString('base64url');
      const user = createNextUser();
      await send(['HSET', `limit:${sid}`, 'head', '1', 'body', JSON.stringify(user)], 1);
      res.setHeader('set-cookie', `sid=${sid}; HttpOnly; Path=/`);
      return describeUser(user);
    },
  };
  return { server: createJsonServer((req, res) => routes[req.url](req, res)) };
}

/** Returns a function that sends a command. Its reply has a known number of lines: five for HMGET of two fields. */
function connectByHand(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const waiting = [];
  let lines = [];
  let rest = '';
  socket.on('data', (chunk) => {
    const parts = (rest + chunk.latin1Slice()).split('\r\n');
    rest = parts.pop();
    for (const part of parts) {
      lines.push(part);
      if (lines.length < waiting[0].lineCount) continue;
      waiting.shift().resolve(lines);
      lines = [];
    }
  });
  let batch = '';
  return (words, lineCount = 5) =>
    new Promise((resolve) => {
      waiting.push({ resolve, lineCount });
      if (batch === '') queueMicrotask(flush);
      batch += `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
    });

  function flush() {
    socket.write(batch, 'latin1');
    batch = '';
  }
}
