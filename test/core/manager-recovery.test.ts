import { createTestClock, faultyStore } from 'trpc-session/testing';
import { expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, createSpiedStore } from '../_support/sessions.ts';

test('a repeated failure is reported once, even if other operations succeed in between', async () => {
  const clock = createTestClock();
  const store = faultyStore(createSpiedStore(clock).store, [
    { operation: 'touch', call: 1, at: 'before', fault: 'throw' },
    { operation: 'touch', call: 2, at: 'before', fault: 'throw' },
  ]);
  const { sessions, events } = createAccountSessions({ store }, clock);
  const browser = new Browser(sessions);
  await browser.request().start(ada);
  events.length = 0;
  for (let use = 1; use <= 3; use += 1) {
    clock.advance('10m');
    await browser.request().get();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(events.filter(({ type }) => type === 'unavailable' || type === 'recovered')).toEqual([
    { type: 'unavailable', operation: 'touch', cause: expect.any(Error) },
    { type: 'recovered', operation: 'touch' },
  ]);
});
