/**
 * Counts how many functions of the library a guarded query, a public query and a sign-in call over the memory store:
 * `node bench/function-calls.mjs`. With `--list`, prints each function and its calls. Counts with V8's precise coverage.
 */
import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import { initTRPC } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { z } from 'zod';
import { buildLibrary, loadCompiled, removeLibrary } from './library.mjs';

const rounds = 100;
const dist = buildLibrary();
try {
  await countCalls(await createApp());
} finally {
  removeLibrary(dist);
}

/** Creates an app with a guarded query, and a function that sends a request to it. */
async function createApp() {
  const { createSessions, matches } = await loadCompiled(dist, 'index.js');
  const { memoryStore } = await loadCompiled(dist, 'stores/memory.js');
  const { createTrpcSession } = await loadCompiled(dist, 'trpc.js');
  const sessions = createSessions({
    schema: z.object({ userId: z.string(), role: z.string() }),
    subject: ({ userId }) => userId,
    view: ({ role }) => ({ role }),
    store: memoryStore(),
    secret: 'a secret of at least thirty-two characters',
  });
  const { createContext, requireSession } = createTrpcSession(sessions);
  const t = initTRPC.context().create();
  let users = 0;
  const router = t.router({
    me: t.procedure.use(requireSession(matches({ role: 'admin' }))).query(({ ctx }) => ctx.session.data.userId),
    hello: t.procedure.query(() => 'hello'),
    // Another user each time: a sign-in also visits the other sessions of its user.
    signIn: t.procedure.mutation(async ({ ctx }) => {
      await ctx.session.start({ userId: `user-${users++}`, role: 'admin' });
    }),
  });
  return async (path, method, headers = {}) => {
    const sent = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json', ...headers };
    const req = new Request(`http://localhost/api/${path}`, {
      method,
      headers: sent,
      ...(method === 'POST' && { body: '{}' }),
    });
    const response = await fetchRequestHandler({ endpoint: '/api', req, router, createContext });
    if (!response.ok) throw new Error(await response.text());
    return response;
  };
}

async function countCalls(request) {
  const signedIn = await request('signIn', 'POST');
  const [cookie] = signedIn.headers.getSetCookie()[0].split(';');
  const query = () => request('me', 'GET', { cookie });
  // The first request of a user opens the seal of the cookie. Later ones find the opened seal in a cache.
  await query();
  const inspector = new Session();
  inspector.connect();
  await inspector.post('Profiler.enable');
  printCalls('a guarded query', await measureCalls(inspector, query));
  printCalls('a public query', await measureCalls(inspector, () => request('hello', 'GET', { cookie })));
  printCalls('a sign-in', await measureCalls(inspector, () => request('signIn', 'POST')));
  inspector.disconnect();
}

/** Resolves to the library's functions and how often each was called, per round. */
async function measureCalls(inspector, work) {
  await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  // Taking the coverage resets the counts.
  await inspector.post('Profiler.takePreciseCoverage');
  for (let round = 0; round < rounds; round++) await work();
  const { result } = await inspector.post('Profiler.takePreciseCoverage');
  await inspector.post('Profiler.stopPreciseCoverage');
  const distUrl = pathToFileURL(dist).href;
  return result
    .filter(({ url }) => url.startsWith(distUrl))
    .flatMap(({ url, functions }) =>
      functions.map(({ functionName, ranges }) => ({
        name: `${url.slice(distUrl.length + 1)} ${functionName || '(anonymous)'}`,
        calls: ranges[0].count / rounds,
      })),
    )
    .filter(({ calls }) => calls > 0)
    .sort((one, other) => other.calls - one.calls);
}

function printCalls(label, counts) {
  console.log(`${label}: ${Math.round(counts.reduce((sum, { calls }) => sum + calls, 0))} calls`);
  if (process.argv.includes('--list')) for (const { name, calls } of counts) console.log(`  ${calls} ${name}`);
}
