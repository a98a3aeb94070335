import type { SessionEnding } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { type accountSchema, ada, Browser, createAccountSessions, grace } from '../../_support/sessions.ts';

type Setup = ReturnType<typeof createAccountSessions>;
type Visitor = Browser<{ data: typeof accountSchema._output; view: { name: string } }>;

const evictAboveOne = { limit: { max: 1, whenFull: 'evict' } } as const;

/** Signs ada in, and ends her session. Returns a browser that still has its cookie. */
async function endSession(end: (setup: Setup, browser: Visitor) => Promise<unknown>) {
  const setup = createAccountSessions(evictAboveOne);
  const browser = new Browser(setup.sessions);
  await browser.request().start(ada);
  const copy = browser.copy();
  await end(setup, browser);
  setup.events.length = 0;
  return { ...setup, copy };
}

const waysToEnd: readonly (readonly [string, SessionEnding, (setup: Setup, browser: Visitor) => Promise<unknown>])[] = [
  ['a sign-out', 'signed-out', (_, browser) => browser.request().destroy()],
  ['an administrator', 'revoked', ({ sessions }) => sessions.of('ada').revokeAll()],
  [
    'the list of devices',
    'revoked',
    async (_, browser) => {
      const session = browser.request();
      await session.revoke((await session.require()).id);
    },
  ],
  ['a sign-in on another device', 'evicted', ({ sessions }) => new Browser(sessions).request().start(ada)],
  ['a sign-in in the same browser', 'replaced', (_, browser) => browser.request().start(ada)],
  ['a sign-in of another user in the same browser', 'replaced', (_, browser) => browser.request().start(grace)],
];

describe('a session that was ended', () => {
  test.each(waysToEnd)('by %s says why: %s', async (_by, ended, end) => {
    const { copy, events } = await endSession(end);
    expect(await copy.request().get()).toBeNull();
    expect(await copy.request().view()).toEqual({ status: 'unauthenticated', at: expect.any(Number), ended });
    await expect(copy.request().require()).rejects.toMatchObject({ code: 'EXPIRED', detail: ended });
    await expect(copy.request().update({ visits: 1 })).rejects.toMatchObject({ code: 'EXPIRED', detail: ended });
    expect(events).toEqual([{ type: 'rejected', reason: 'expired', ended }]);
  });

  test('costs one read, as any other session', async () => {
    const { copy, calls } = await endSession((_, browser) => browser.request().destroy());
    calls.length = 0;
    await copy.request().view();
    expect(calls).toEqual(['read']);
  });

  test('says so for an hour after a sign-out, and until the next evening if it was ended elsewhere', async () => {
    const [signedOut, revoked] = [
      await endSession((_, browser) => browser.request().destroy()),
      await endSession(({ sessions }) => sessions.of('ada').revokeAll()),
    ];
    for (const { clock } of [signedOut, revoked]) clock.advance('61m');
    expect(await signedOut.copy.request().view()).not.toHaveProperty('ended');
    revoked.clock.advance('34h');
    expect(await revoked.copy.request().view()).toHaveProperty('ended', 'revoked');
    revoked.clock.advance('2h');
    expect(await revoked.copy.request().view()).not.toHaveProperty('ended');
  });

  test('says nothing if it has expired, nor without a token', async () => {
    const setup = createAccountSessions();
    const browser = new Browser(setup.sessions);
    expect(await browser.request().view()).not.toHaveProperty('ended');
    await browser.request().start(ada);
    setup.clock.advance('7h');
    await expect(browser.request().require()).rejects.toMatchObject({ code: 'EXPIRED', detail: undefined });
    expect(await browser.request().view()).not.toHaveProperty('ended');
  });

  test('is forgotten by the browser at the next sign-in', async () => {
    const { copy } = await endSession(({ sessions }) => sessions.of('ada').revokeAll());
    await copy.request().start(ada);
    expect(await copy.request().view()).toMatchObject({ status: 'authenticated', data: { name: 'Ada' } });
    await copy.request().destroy();
    expect(await copy.request().view()).not.toHaveProperty('ended');
  });
});
