import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { initTRPC } from '@trpc/server';
import { createSessions } from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { memoryStore } from 'trpc-session/stores/memory';
import { signInAs } from 'trpc-session/testing';
import { createTrpcSession } from 'trpc-session/trpc';
import { expect, test } from 'vitest';
import { z } from 'zod';

const everyMs = 20;
const file = Readable.from(['a file']);

function createCountingApp(onRead: () => void) {
  const store = memoryStore({ name: randomUUID() });
  const counting: SessionStore = {
    ...store,
    read: (at) => {
      onRead();
      return store.read(at);
    },
  };
  const sessions = createSessions({
    schema: z.object({ userId: z.string() }),
    view: () => ({}),
    store: counting,
    secret: undefined,
    watchEvery: everyMs,
  });
  const { createContext, requireSession } = createTrpcSession(sessions);
  const t = initTRPC.context<typeof createContext>().create();
  const guarded = t.procedure.use(requireSession());
  const ticks = async function* () {
    await new Promise((resolve) => setTimeout(resolve, 110));
    yield 'tick';
  };
  const router = t.router({
    file: guarded.query(() => file),
    twice: guarded.use(requireSession()).subscription(ticks),
  });
  return { sessions, call: (headers: Headers) => router.createCaller(createContext({ req: { headers } })) };
}

test('a guarded query returns a file stream unchanged', async () => {
  const { sessions, call } = createCountingApp(() => {});
  const { headers } = await signInAs(sessions, { userId: 'ada' });
  expect(await call(headers).file()).toBe(file);
});

test('two guards on one procedure read the session as often as one', async () => {
  let reads = 0;
  const { sessions, call } = createCountingApp(() => reads++);
  const { headers } = await signInAs(sessions, { userId: 'ada' });
  reads = 0;
  const startedAt = performance.now();
  for await (const _ of await call(headers).twice()) break;
  // The read of the guard, and one read for each interval that has passed.
  const maxReads = 1 + Math.ceil((performance.now() - startedAt) / everyMs);
  expect(reads).toBeGreaterThan(1);
  expect(reads).toBeLessThanOrEqual(maxReads);
});
