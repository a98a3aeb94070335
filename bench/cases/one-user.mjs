import { setTimeout as sleep } from 'node:timers/promises';
import { createOurSessions, loadLibrary } from '../apps/ours.mjs';
import { createUserData } from '../apps/user-data.mjs';
import { roundNumber } from '../measure/collect-samples.mjs';
import { createRequest } from '../measure/http-connection.mjs';
import { createRedisUsage } from '../measure/redis-usage.mjs';

const bytes = 60_000;
const limit = 1000;

export const oneUser = {
  name: 'one-user',
  /** Compares a user with 1,000 sessions of 60 kB with a user with one of them, by what each call takes Redis. */
  measure: async (lab) => {
    process.env.BENCH_LIBRARY = lab.library;
    const { url: redisUrl, nodes } = await lab.servers.get('one');
    const user = await createBigUsers(redisUrl);
    const usage = createRedisUsage(nodes);
    const bystander = await lab.open('bystander');
    for (let filled = 0; filled < limit - 1; filled++) await user.signIn('many');
    // Redis compiles each script at its first call.
    await measureCalls(user, { who: 'single', usage });
    const measured = { single: {}, many: {} };
    let slowestMs = 0;
    for (let round = 0; round < (lab.isShort ? 10 : 40); round++) {
      for (const who of ['single', 'many']) {
        await readSlowest(bystander);
        for (const [call, micros] of Object.entries(await measureCalls(user, { who, usage }))) {
          measured[who][call] = [...(measured[who][call] ?? []), micros];
        }
        if (who === 'many') slowestMs = Math.max(slowestMs, await readSlowest(bystander));
      }
    }
    await user.close();
    return { ...measured, slowestMs: roundNumber(slowestMs), bytes, limit };
  },
};

/** Users whose sessions hold 60 kB each: `single` has one at a time, and `many` has 1,000. */
async function createBigUsers(redisUrl) {
  const { bearer } = await loadLibrary();
  const options = { redisUrl, prefix: 'big:', max: limit, transport: bearer() };
  const sessions = await createOurSessions(options);
  const touching = await createOurSessions({ ...options, touchEvery: 1 });
  const note = 'x'.repeat(bytes - JSON.stringify(createUserData(1)).length);
  const open = (token, manager = sessions) =>
    manager.open({ method: 'POST', headers: token ? { authorization: `Bearer ${token}` } : {} });
  const signIn = async (userId) => (await open().start({ ...createUserData(1), userId, note })).token;
  return { open, signIn, touching, sessions, close: () => sessions.close() };
}

/** Signs a user in, calls everything once, and signs out. Resolves to what each call took Redis, in µs. */
async function measureCalls({ open, signIn, touching, sessions }, { who, usage }) {
  const measureCall = async (call) => {
    await usage.start();
    const result = await call();
    // A touch is sent without waiting for it.
    await sleep(5);
    const { HMGET: reads = [], EVALSHA: scripts = [] } = await usage.read();
    return { result, read: reads[0], script: scripts[0] };
  };
  const { result: first, script: start } = await measureCall(() => signIn(who));
  let token = first;
  // The user with many sessions has reached the limit now. For the other one, this is a second session.
  const { result: extra, script: evict } = await measureCall(() => signIn(who));
  await open(extra).destroy();
  if (who === 'many') await signIn(who);
  const { read } = await measureCall(() => open(token).require());
  const { script: touch } = await measureCall(() => open(token, touching).require());
  const { script: update } = await measureCall(() => open(token).update({ visits: 1 }));
  const { result: regenerated, script: regenerate } = await measureCall(() => open(token).regenerate());
  token = regenerated.token;
  const { script: list } = await measureCall(() => sessions.of(who).list());
  const { script: signOut } = await measureCall(() => open(token).destroy());
  return { 'sign-in': start, evict, read, touch, update, regenerate, list, 'sign-out': signOut };
}

async function readSlowest({ load }) {
  let slowestMs = 0;
  const request = createRequest('GET', '/');
  await load.run({
    inFlight: 1,
    next: (index) => (index === 0 ? request : null),
    onResponse: (_index, { body }) => {
      slowestMs = JSON.parse(body).slowestMs;
    },
  });
  return slowestMs;
}
