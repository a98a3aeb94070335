import { connect } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { isSessionError } from '../core/errors.ts';
import { redisStore } from '../stores/redis.ts';
import type { Finding } from './finding.ts';

/** A key that no session has. */
const checkedKey = 'session:{doctor}';
const howToStart =
  'Start one, for example with `docker run -p 6379:6379 redis:7-alpine`, or use memoryStore() for development.';

export async function checkRedis(
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  const url = env[variable];
  if (url) return [await checkUrl(variable, url)];
  if (env.SESSION_STORE === 'memory') return [{ level: 'ok', text: 'Sessions are stored in memory (SESSION_STORE).' }];
  const text = `${variable} is not set, so Redis was not checked.`;
  return [{ level: env.NODE_ENV === 'production' ? 'error' : 'warning', text, remedy: 'Set it to redis://host:port.' }];
}

async function checkUrl(variable: string, url: string): Promise<Finding> {
  const place = formatPlace(url);
  try {
    const store = redisStore(url, { deadline: '3s' });
    const startedAt = performance.now();
    await store.ping(checkedKey).finally(() => store.close());
    const ms = Math.max(1, Math.round(performance.now() - startedAt));
    return { level: 'ok', text: `Redis at ${place} allows every command that sessions need (${ms} ms)` };
  } catch (error) {
    if (isSessionError(error)) return { level: 'error', text: `${variable}: ${error.message}` };
    const text = `Redis at ${place} cannot be used: ${readRootMessage(error)}`;
    return { level: 'error', text, remedy: (await findTlsMismatch(url)) ?? findRemedy(text) };
  }
}

/** Returns the host and port, without the password. */
function formatPlace(url: string): string {
  return URL.canParse(url) ? new URL(url).host || url : url.replace(/^.*@/, '').replace(/^\w[\w+]*:\/\//, '');
}

function readRootMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return readRootMessage(error.cause);
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first === undefined ? error.message : readRootMessage(first);
}

function findRemedy(text: string): string {
  if (/NOAUTH|WRONGPASS|NOPERM/.test(text)) return 'Check the user, the password and the permissions (docs/redis.md).';
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return 'Check the host name.';
  return howToStart;
}

/** Returns advice if one side speaks TLS and the other does not. */
async function findTlsMismatch(url: string): Promise<string | null> {
  const single = /^rediss?:\/\//.test(url) && URL.canParse(url) ? new URL(url) : null;
  if (!single) return null;
  const target = { host: single.hostname || 'localhost', port: Number(single.port || 6379) };
  const isSecure = single.protocol === 'rediss:';
  if (isSecure && (await isPlainRedis(target)))
    return 'This server does not use TLS: write redis:// instead of rediss://.';
  if (!isSecure && (await hasTls(target))) return 'This server uses TLS: write rediss:// instead of redis://.';
  return null;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

const probeMs = 1_000;

/** Whether a server replies to an unencrypted PING, even if it wants a password first. */
function isPlainRedis(target: Target): Promise<boolean> {
  const socket = connect({ ...target, timeout: probeMs }, () => socket.write('PING\r\n'));
  return new Promise<boolean>((resolve) => {
    socket.once('data', (data) => resolve(/^[+-]/.test(String(data))));
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => resolve(false));
  }).finally(() => socket.destroy());
}

/** Whether a server completes a TLS handshake, whatever its certificate. */
function hasTls(target: Target): Promise<boolean> {
  const socket = connectSecurely({ ...target, rejectUnauthorized: false, timeout: probeMs });
  return new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => resolve(true));
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => resolve(false));
  }).finally(() => socket.destroy());
}
