import type { SessionStore } from 'trpc-session/stores';
import { createTestClock } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, createSpiedStore } from '../../_support/sessions.ts';

/** Does what it is asked, once, and loses the answer of the first call of one operation. */
function losing(operation: 'start' | 'replace' | 'regenerate') {
  const clock = createTestClock();
  const { store } = createSpiedStore(clock);
  let armed = false;
  const lossy = new Proxy(store, {
    get(target, name: keyof SessionStore) {
      const member = target[name];
      if (name !== operation || typeof member !== 'function') return member;
      return async (...args: never[]) => {
        const answer = await (member as (...args: never[]) => Promise<unknown>)(...args);
        if (!armed) return answer;
        armed = false;
        throw new Error('The answer is late.');
      };
    },
  });
  const made = createAccountSessions({ store: lossy }, clock);
  return { ...made, lose: () => (armed = true) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a write that happened, and whose answer never came', () => {
  test('is undone when it was a sign-in: nobody is left with a session that nobody can open', async () => {
    const { sessions, lose } = losing('start');
    const browser = new Browser(sessions);
    lose();
    await expect(browser.request().start(ada)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await settled();
    expect(browser.setCookies).toEqual([]);
    expect(await sessions.of('ada').list()).toEqual([]);
  });

  test('is undone when it gave a new token: the owner is still signed in with the old one', async () => {
    const { sessions, lose } = losing('regenerate');
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    lose();
    await expect(browser.request().regenerate()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await settled();
    expect((await browser.request().require()).data).toEqual(ada);
    expect(await sessions.of('ada').list()).toHaveLength(1);
  });

  test('stands when it was an update, which the next look shows', async () => {
    const { sessions, lose } = losing('replace');
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    lose();
    await expect(browser.request().update({ visits: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await browser.request().require()).data.visits).toBe(1);
  });
});
