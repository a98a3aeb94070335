import type { SessionEvent } from 'trpc-session';
import { createTestClock } from 'trpc-session/testing';
import { expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, createSpiedStore } from '../_support/sessions.ts';

test('an operation that keeps failing is told once, however often others succeed in between', async () => {
  const clock = createTestClock();
  const { store } = createSpiedStore(clock);
  let full = true;
  const failing = {
    ...Object.fromEntries(
      (['read', 'start', 'replace', 'regenerate', 'destroy', 'list', 'revoke', 'ping', 'close'] as const).map(
        (name) => [name, (store[name] as (...args: never[]) => unknown).bind(store)],
      ),
    ),
    name: 'full',
    touch: async (at: Parameters<typeof store.touch>[0]) => {
      if (full) throw new Error('There is no memory left.');
      return store.touch(at);
    },
  } as typeof store;
  const { sessions, events } = createAccountSessions({ store: failing }, clock);
  const browser = new Browser(sessions);
  await browser.request().start(ada);
  events.length = 0;
  const use = async () => {
    clock.advance(10 * 60_000);
    await browser.request().get();
    await new Promise((resolve) => setImmediate(resolve));
  };
  await use();
  await use();
  full = false;
  await use();
  const told = events.filter((event: SessionEvent) => event.type === 'unavailable' || event.type === 'recovered');
  expect(told).toEqual([
    { type: 'unavailable', operation: 'touch', cause: expect.any(Error) },
    { type: 'recovered', operation: 'touch' },
  ]);
});
