import { expect, test, vi } from 'vitest';
import { isolateListener } from '../../src/core/events.ts';
import { ada, Browser, createAccountSessions } from '../_support/sessions.ts';

const faultyListeners: [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('listener');
    },
  ],
  ['rejects', () => Promise.reject(new Error('listener'))],
  ['hangs', () => new Promise(() => {})],
  [
    'returns an object that throws when it is awaited',
    () => ({
      get then() {
        throw new Error('listener');
      },
    }),
  ],
];

test.each(faultyListeners)('a listener that %s does not affect the request', async (_case, listener) => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  try {
    const onEvent = vi.fn(listener);
    const { sessions } = createAccountSessions({ onEvent });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    expect((await browser.request().get())?.data).toEqual(ada);
    await browser.request().destroy();
    expect(onEvent.mock.calls).toMatchObject([[{ type: 'created' }], [{ type: 'destroyed' }]]);
    await new Promise(setImmediate);
    expect(unhandled).not.toHaveBeenCalled();
  } finally {
    process.off('unhandledRejection', unhandled);
  }
});

test('a listener can list the sessions of the user', async () => {
  const lists: unknown[] = [];
  const { sessions } = createAccountSessions({ onEvent: () => lists.push(sessions.of('ada').list()) });
  await new Browser(sessions).request().start(ada);
  await expect(lists[0]).resolves.toHaveLength(1);
});

test('events are dropped if there is no listener', () => {
  expect(() => isolateListener(undefined)({ type: 'recovered', operation: 'read' })).not.toThrow();
});
