import { compareRounds, summarize } from '../measure/statistics.mjs';
import { compareCpu, compareSpeed, subtractBaseCpu } from './format.mjs';

const dataBytes = 571;

/** Pairs of an app with trpc-session and one with a peer, on the same server. */
const pairs = [
  ['node-ours', 'node-iron-session'],
  ['node-ours', 'better-auth'],
  ['express-ours', 'express-session'],
  ['fastify-ours', 'fastify-session'],
  ['trpc-fetch-ours', 'trpc-fetch-naive'],
];

const boundByClient = `The row of the limit sends the same command by hand on a socket, without a deadline, a pipeline or a
  seal. Most of what is above it is the Redis client: a promise, a queue entry and the parser for each command.`;
const boundByHeaders = `It parses the cookie, hashes the seal to find what it opened to, and writes Cache-Control and Vary
  into the response.`;
const boundByGuard = `The row of the empty guard shows what a guard costs in tRPC: it copies its options several times for each
  middleware. With Redis, its client is most of the rest.`;
const boundByWrite = `An update reads the session, checks the data with its schema, serializes it with superjson and runs a
  script that refuses to overwrite another update. express-session sends one SET.`;
const boundByScript = 'The write is a script, which costs the client and Redis more than DEL or SET.';

/**
 * What is claimed, with the limit that it must keep. `measure` returns the value, or undefined if this run does not
 * have it. A claim of at least a limit has `isMinimum`. `bound` says why it may be missed.
 */
export const claims = [
  ...[
    ['node:http', 'node-ours', 25, boundByClient],
    ['Express', 'express-ours', 25, boundByClient],
    ['node:http, near cache', 'node-ours-near', 8, boundByHeaders],
    ['Express, near cache', 'express-ours-near', 8, boundByHeaders],
  ].map(([server, name, limit, bound]) => ({
    what: `CPU that a session adds to a guarded request on ${server}, µs`,
    bound,
    limit,
    digits: 0,
    from: 'reads',
    measure: ({ '32 in flight': rows }) => subtractBaseCpu(rows, name).median,
  })),
  ...[
    ['a guarded tRPC call in process on Redis', 'trpc-fetch-ours', 1.7, boundByGuard],
    ['a guarded tRPC call in process with the near cache', 'trpc-fetch-ours-near', 1.25, boundByGuard],
    [
      'a public tRPC call that does not use the session',
      'trpc-fetch-public',
      1.05,
      'It creates a context, and nothing else.',
    ],
  ].map(([call, name, limit, bound]) => ({
    what: `CPU of ${call}, × one without a session`,
    bound,
    limit,
    digits: 2,
    from: 'in-process',
    measure: ({ '32 in flight': rows }) => compareCpu(rows, name).median,
  })),
  {
    what: 'Requests/s of a guarded tRPC call over a socket, × one without a session',
    bound: boundByClient,
    limit: 0.9,
    isMinimum: true,
    digits: 2,
    from: 'reads',
    measure: ({ '32 in flight': rows }) => compareSpeed(rows, 'trpc-fetch-ours').median,
  },
  {
    what: 'Requests/s on Express, × express-session',
    bound: 'Express itself takes more of each request than either session, and the client of Redis most of the rest.',
    limit: 1.3,
    isMinimum: true,
    digits: 2,
    from: 'reads',
    measure: ({ '32 in flight': rows }) => compareSpeed(rows, 'express-ours', 'express-session').median,
  },
  {
    what: 'Requests/s, × the fastest peer on the same server: the smallest of all tables',
    bound: 'The smallest ratio decides. The tables show which row it is.',
    limit: 1,
    isMinimum: true,
    digits: 2,
    from: 'reads',
    measure: (measured) =>
      Math.min(
        ...Object.values(measured).flatMap((rows) => pairs.map(([own, peer]) => compareSpeed(rows, own, peer).median)),
      ),
  },
  ...['update', 'sign-out'].map((operation) => ({
    what: `CPU of ${operation} on Express, × express-session`,
    bound: operation === 'update' ? boundByWrite : boundByScript,
    limit: 1,
    digits: 2,
    from: 'writes',
    measure: ({ [operation]: rows }) => compareCpu(rows, 'express-ours', 'express-session').median,
  })),
  ...['sign-in', 'regenerate'].map((operation) => ({
    what: `CPU of ${operation} on Express without the seal, × express-session`,
    bound: boundByScript,
    limit: 1,
    digits: 2,
    from: 'writes',
    measure: ({ [operation]: rows }, results) => {
      const { seal } = results['in-process']?.['32 in flight'] ?? {};
      return seal && compareCpuWithout(rows, summarize(seal.cpu).median);
    },
  })),
  {
    what: 'CPU of 50,000 sessions in turn, × 1,000 sessions',
    bound:
      'A session that was not read for a while is decoded again, and its parts have left the caches of the processor.',
    limit: 2,
    digits: 2,
    from: 'many-sessions',
    measure: ({ second }) => compareRounds(second.many, second.few, divide).median,
  },
  {
    what: 'CPU of the first request of a seal over later ones, µs',
    bound: 'Opening a seal: two keys are derived, the signature is checked and the text is decrypted.',
    limit: 150,
    digits: 0,
    from: 'many-sessions',
    measure: ({ first }) => compareRounds(first.many, first.few, (own, other) => own - other).median,
  },
  {
    what: 'Bytes of Redis per session beside its data',
    bound: 'The key, the hash of the token twice, the header with the user agent, and what Redis adds to each of them.',
    limit: 700,
    digits: 0,
    from: 'many-sessions',
    measure: ({ bytesPerSession }) => bytesPerSession - dataBytes,
  },
  ...['read', 'touch', 'update', 'regenerate', 'sign-out'].map((call) => ({
    what: `Redis' time of ${call} with 1,000 sessions of 60 kB, × one session`,
    bound: 'The hash of a user with many sessions is larger than the caches of the processor.',
    limit: 1.2,
    digits: 2,
    from: 'one-user',
    measure: ({ single, many }) => summarize(many[call]).median / summarize(single[call]).median,
  })),
  ...['list', 'evict'].map((call) => ({
    what: `Redis' time of ${call} with 1,000 sessions of 60 kB, ms`,
    bound: 'It looks at the header of each of the 1,000 sessions. The default limit is 100 sessions per user.',
    limit: 5,
    digits: 1,
    from: 'one-user',
    measure: ({ many }) => summarize(many[call]).median / 1000,
  })),
  {
    what: 'The slowest PING of another client meanwhile, ms',
    bound: 'The slowest call is a list or an eviction. One stall of the machine in the whole run decides this number.',
    limit: 15,
    digits: 1,
    from: 'one-user',
    measure: ({ slowestMs }) => slowestMs,
  },
  {
    what: 'CPU of a guarded call with a million sessions in Redis, × 1,000',
    bound: 'Redis finds a key among a million in memory that is in no cache of the processor.',
    limit: 1.1,
    digits: 2,
    from: 'million',
    measure: ({ '32 in flight': rows }) => compareCpu(rows, 'million', 'thousand').median,
  },
  ...[
    ['a guarded tRPC call', 'next-trpc-ours', 0.85],
    ['a guarded page', 'next-page-ours', 0.93],
  ].map(([request, name, limit]) => ({
    what: `Requests/s of ${request} in Next, × one without a session`,
    bound: 'Next wraps the headers and cookies of each request in objects of its own, and the session reads them.',
    limit,
    isMinimum: true,
    digits: 2,
    from: 'next-server',
    measure: ({ '16 in flight': rows }) => compareSpeed(rows, name).median,
  })),
  {
    what: 'Redis commands per request with the near cache',
    bound: 'The first read of each session, and a check of the connection.',
    limit: 0,
    digits: 0,
    from: 'reads',
    measure: ({ '32 in flight': { 'node-ours-near': row } }) =>
      Object.values(row.commands).reduce((sum, count) => sum + count, 0),
  },
];

const divide = (own, other) => own / other;

/** The CPU time per request on Express, less that of sealing, as a multiple of that of express-session. */
function compareCpuWithout(rows, sealMicros) {
  const { 'express-ours': own, 'express-session': peer } = rows;
  return compareRounds(own.cpu, peer.cpu, (one, other) => (one - sealMicros) / other).median;
}
