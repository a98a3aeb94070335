import { createTestClock, faultyStore } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, createSpiedStore } from '../../_support/sessions.ts';

/** Creates a browser over a store that does the first write of one kind, but whose reply to it is lost. */
function loseFirstReply(operation: 'start' | 'replace' | 'regenerate') {
  const clock = createTestClock();
  const store = faultyStore(createSpiedStore(clock).store, [{ operation, call: 1, at: 'after', fault: 'throw' }]);
  const { sessions } = createAccountSessions({ store }, clock);
  return { sessions, browser: new Browser(sessions) };
}

/** The undo of a write is not awaited by the call that failed. */
const waitForUndo = () => new Promise((resolve) => setImmediate(resolve));

describe('a write whose reply was lost', () => {
  test('is undone if it was a sign-in, so that no session remains without a token', async () => {
    const { sessions, browser } = loseFirstReply('start');
    await expect(browser.request().start(ada)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await waitForUndo();
    expect(browser.setCookies).toEqual([]);
    expect(await sessions.of('ada').list()).toEqual([]);
  });

  test('is undone if it was a regeneration, so that the old token still works', async () => {
    const { sessions, browser } = loseFirstReply('regenerate');
    await browser.request().start(ada);
    await expect(browser.request().regenerate()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await waitForUndo();
    expect((await browser.request().require()).data).toEqual(ada);
    expect(await sessions.of('ada').list()).toHaveLength(1);
  });

  test('is kept if it was an update, and the next request reads it', async () => {
    const { browser } = loseFirstReply('replace');
    await browser.request().start(ada);
    await expect(browser.request().update({ visits: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await browser.request().require()).data.visits).toBe(1);
  });
});
