import { SessionError } from '../core/errors.ts';

/** Several hosts, as a `redis+sentinel:` or `redis+cluster:` URL names them. */
export interface RedisHosts {
  readonly kind: 'sentinel' | 'cluster';
  readonly hasTls: boolean;
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** The name of the primary, for Sentinel. */
  readonly name: string;
  /** The user and the password of Redis. */
  readonly credentials: { readonly username?: string; readonly password?: string };
  readonly db: number;
  /** The query: options of ioredis that are text. */
  readonly options: Readonly<Record<string, string>>;
}

const examples = {
  sentinel: 'redis+sentinel://host-1:26379,host-2:26379/primary/0',
  cluster: 'redis+cluster://host-1:6379,host-2:6379',
};
const defaultPorts = { sentinel: 26_379, cluster: 6_379 };
const hostsPattern = /^(rediss?)\+(sentinel|cluster):\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

/**
 * Returns the hosts of a URL that names several. Null for a URL of one server, which ioredis parses itself. Messages
 * never repeat the URL, because it may contain a password.
 */
export function parseRedisUrl(url: string): RedisHosts | null {
  const kind = /^rediss?\+(sentinel|cluster):/.exec(url)?.[1];
  if (kind === 'sentinel' || kind === 'cluster') return parseHosts(url, kind);
  if (url.startsWith('/')) return null;
  if (!/^rediss?:\/\//.test(url))
    throw createUrlError('must start with redis:, rediss:, redis+sentinel: or redis+cluster:');
  if (/^rediss?:\/\/(?:[^/?#]*@)?[^@/?#]*,/.test(url)) {
    throw createUrlError('names several hosts, so it must start with redis+sentinel: or redis+cluster:');
  }
  if (!URL.canParse(url)) throw createUrlError('is malformed. Percent-encode special characters in the password');
  return null;
}

function parseHosts(url: string, kind: RedisHosts['kind']): RedisHosts {
  const [, scheme, , user, hosts = '', path = '', query = ''] = hostsPattern.exec(url) ?? [];
  if (scheme === undefined) throw createUrlError(`is malformed. It must be like ${examples[kind]}`);
  const [first = '', second = ''] = path.split('/');
  return {
    kind,
    hasTls: scheme === 'rediss',
    hosts: hosts.split(',').map((each) => parseHost(each, kind)),
    name: kind === 'sentinel' ? parseName(first) : '',
    credentials: parseCredentials(user),
    db: parseDatabase(kind === 'sentinel' ? second : first, kind),
    options: Object.fromEntries(new URLSearchParams(query)),
  };
}

function parseHost(text: string, kind: RedisHosts['kind']): RedisHosts['hosts'][number] {
  const [, inBrackets, plain, port = defaultPorts[kind]] =
    /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = inBrackets ?? plain;
  if (host === undefined || Number(port) > 65_535) {
    throw createUrlError(`has a host that is not a name or an address with a port. It must be like ${examples[kind]}`);
  }
  return { host, port: Number(port) };
}

function parseName(text: string): string {
  if (text === '') throw createUrlError(`lacks the name of the primary. It must be like ${examples.sentinel}`);
  return decode(text);
}

function parseDatabase(text: string, kind: RedisHosts['kind']): number {
  if (!/^\d*$/.test(text))
    throw createUrlError(`has a database that is not a number. It must be like ${examples[kind]}`);
  if (kind === 'cluster' && Number(text) > 0) throw createUrlError('has a database, but a Cluster has only database 0');
  return Number(text);
}

/** `user:password`, `:password`, or nothing. */
function parseCredentials(text = ''): RedisHosts['credentials'] {
  const [username = '', password = ''] = text.split(/:(.*)/s).map(decode);
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw createUrlError('has a % that is not followed by two digits. Percent-encode it as %25');
  }
}

function createUrlError(problem: string): SessionError {
  return new SessionError('INVALID_OPTION', { hint: `The URL of \`redisStore(source)\` ${problem}.` });
}
