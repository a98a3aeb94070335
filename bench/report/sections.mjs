import { compareRounds, summarize } from '../measure/statistics.mjs';
import { findSubject } from '../subjects.mjs';
import {
  compareCpu,
  compareSpeed,
  formatNumber,
  formatSummary,
  renderSubjects,
  renderTable,
  subtractBaseCpu,
} from './format.mjs';

const socketColumns = [
  'requests/s',
  '× base',
  'CPU µs',
  'CPU µs over base',
  'p50 / p99 ms',
  'Redis commands',
  'Redis µs',
];

/** For each case: its heading, what it shows, its tables, and its plots by file name. */
export const sections = {
  'in-process': {
    heading: 'tRPC calls in process',
    intro: `tRPC's fetch handler is called in the process of the app, without a socket. This shows what a session adds to
tRPC itself. "Written by hand, tuned" remembers opened seals and pipelines its commands. It has no deadlines, no
verifiers, and no defense against the faults that trpc-session handles.`,
    renderTables: (measured) =>
      renderParts(measured, ['µs per call', 'CPU µs', 'CPU × base', 'Redis commands', 'Redis µs']),
    plots: ({ '32 in flight': rows }) => ({
      'in-process.svg': {
        title: 'A tRPC call with a session, in process',
        note: 'CPU time of a call as a multiple of the same call without a session, 32 in flight. Less is better.',
        digits: 2,
        mark: 1,
        bars: listBars(rows, compareCpu),
      },
    }),
  },
  reads: {
    heading: 'Guarded requests over a socket',
    intro: `Each server responds to GET with two fields of the session. The rows below a server are the same server with a
session. All servers run during the whole measurement, and each gets a burst of requests in each round.`,
    renderTables: (measured) => renderParts(measured, socketColumns),
    plots: ({ '32 in flight': rows }) => ({
      'reads-cpu.svg': {
        title: 'What a session adds to a request',
        note: 'CPU time of the server over the same server without a session, µs, 32 in flight. Less is better.',
        digits: 0,
        bars: listBars(rows, subtractBaseCpu),
      },
      'reads-speed.svg': {
        title: 'Requests per second that are left',
        note: 'Share of the requests per second of the same server without a session, 32 in flight. More is better.',
        digits: 2,
        mark: 1,
        bars: listBars(rows, compareSpeed),
      },
    }),
  },
  writes: {
    heading: 'Sign-in, update, regenerate, sign-out',
    intro: `In each round, users sign in, change one field, get a new token and sign out, 32 at a time. All but the first
are behind a guard. Sign-in and regenerate of trpc-session seal a cookie, which costs what the row of the seal in the
[first table](#trpc-calls-in-process) says. express-session and @fastify/session sign their cookies instead.`,
    renderTables: (measured) => renderParts(measured, socketColumns),
    plots: (measured) => ({
      'writes.svg': {
        title: 'What a write adds to a request, on Express',
        note: 'CPU time of the server over Express without a session, µs, 32 in flight. Less is better.',
        digits: 0,
        bars: Object.entries(measured).flatMap(([operation, rows]) =>
          ['express-ours', 'express-session'].map((name) => createBar(name, operation, subtractBaseCpu(rows, name))),
        ),
      },
    }),
  },
  'next-server': {
    heading: 'Next',
    intro: `The production server of Next, with a route handler for tRPC and a page. Neither is prerendered.`,
    renderTables: (measured) => renderParts(measured, socketColumns),
    plots: (measured) => ({
      'next.svg': {
        title: 'Requests per second that are left, in Next',
        note: 'Share of the requests per second of the same route without a session, 16 in flight. More is better.',
        digits: 2,
        mark: 1,
        bars: Object.values(measured).flatMap((rows) => listBars(rows, compareSpeed)),
      },
    }),
  },
  network: {
    heading: 'With a network between the app and Redis',
    intro: `A proxy delays each packet between the app and Redis, in each direction. What counts then is the number of
round trips that a request waits for.`,
    renderTables: (measured) =>
      renderParts(measured, ['requests/s', 'p50 / p99 ms', 'CPU µs over base', 'Redis commands']),
    plots: (measured) => ({
      'network.svg': {
        title: 'How long a request takes with a network to Redis',
        note: 'Median and 99th percentile, ms, 32 in flight on Express. Less is better.',
        digits: 1,
        bars: Object.entries(measured)
          .filter(([part]) => part.endsWith(', 32 in flight'))
          .flatMap(([part, rows]) => listLatencies(part.split(',')[0], rows)),
      },
    }),
  },
  'one-user': {
    heading: 'A user with many large sessions',
    intro: `What each call takes Redis, for a user with one session of 60 kB and for a user with 1,000 of them. Lists and
evictions look at each session of the user, but not at its data. "Evict" is a sign-in of a user who has reached the
limit; for the user with one session, it is a second sign-in.`,
    renderTables: renderOneUser,
    plots: ({ single, many }) => ({
      'one-user.svg': {
        title: 'What a call takes Redis, by the sessions of the user',
        note: "Redis' own time, µs. Each session holds 60 kB. Less is better.",
        digits: 0,
        bars: ['read', 'touch', 'update', 'regenerate', 'sign-out'].flatMap((call) => [
          { label: 'a user with one session', group: call, isOurs: true, summary: summarize(single[call]) },
          { label: 'a user with 1,000 sessions', group: call, isOurs: true, summary: summarize(many[call]) },
        ]),
      },
    }),
  },
  'many-sessions': {
    heading: 'Many sessions in one process',
    intro: `One process reads the sessions of many users in turn, each again only after all others, and for comparison
those of 1,000 users. The first pass opens seals that the process has not seen, as after a deployment.`,
    renderTables: renderManySessions,
    plots: () => ({}),
  },
  million: {
    heading: 'A million sessions in Redis',
    intro: `Guarded tRPC calls in process, against a Redis with 1,000 sessions and against one with many more. The calls
read 1,000 sessions that lie between the others.`,
    renderTables: ({ sessions, ...parts }) =>
      `The second Redis holds ${formatNumber(sessions, 0)} sessions.\n\n${renderParts(parts, ['µs per call', 'CPU µs', 'CPU × base', 'Redis µs'])}`,
    plots: () => ({}),
  },
};

function renderParts(measured, columns) {
  return Object.entries(measured)
    .map(([part, rows]) => `### ${part[0].toUpperCase()}${part.slice(1)}\n\n${renderSubjects(rows, columns)}`)
    .join('\n\n');
}

/** Creates a bar for each subject that has a base, under the title of the base. */
function listBars(rows, compare) {
  return Object.keys(rows)
    .filter((name) => findSubject(name).base in rows)
    .map((name) => createBar(name, findSubject(findSubject(name).base).title, compare(rows, name)));
}

function createBar(name, group, summary) {
  const { title } = findSubject(name);
  return { label: title, group, isOurs: title.includes('**'), summary };
}

/** Creates a bar for the latency of each subject that has a session. */
function listLatencies(delay, rows) {
  return Object.entries(rows)
    .filter(([name]) => findSubject(name).base in rows)
    .map(([name, { p50, p99 }]) => createBar(name, `${delay} in each direction`, { median: p50, min: p50, max: p99 }));
}

function renderOneUser({ single, many, slowestMs }) {
  const lines = Object.keys(many).map((call) => [
    call,
    formatSummary(summarize(single[call]), 0),
    formatSummary(summarize(many[call]), 0),
    formatNumber(compareRounds(many[call], single[call], (own, other) => own / other).median, 2),
  ]);
  const table = renderTable(['', 'one session, µs', '1,000 sessions, µs', 'ratio'], lines);
  return `${table}\n\nThe slowest PING of another client meanwhile took ${formatNumber(slowestMs, 1)} ms.`;
}

function renderManySessions({ many, few, bytesPerSession, first, second }) {
  const lines = [
    [`${formatNumber(few, 0)} sessions, again and again`, formatSummary(summarize(second.few), 1)],
    [`${formatNumber(many, 0)} sessions in turn`, formatSummary(summarize(second.many), 1)],
    [`${formatNumber(many, 0)} sessions, each for the first time`, formatSummary(summarize(first.many), 1)],
  ];
  const table = renderTable(['', 'CPU µs per `require()`'], lines);
  return `${table}\n\nA session takes ${formatNumber(bytesPerSession, 0)} bytes of Redis' memory. Its data takes 571 of them.`;
}
