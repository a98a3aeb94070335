import { expect, test } from 'vitest';
import { ada, Browser, createAccountSessions } from '../../_support/sessions.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Signs in, uses the session once at this time, and says when it ends, to the millisecond. */
async function endsAfterUseAt(useMs: number): Promise<number> {
  const { sessions, clock } = createAccountSessions({ idle: '6h', absolute: '7d', touchEvery: '5m' });
  const browser = new Browser(sessions);
  await browser.request().start(ada);
  clock.advance(useMs);
  await browser.request().get();
  await new Promise((resolve) => setImmediate(resolve));
  const { idleExpiresAt = 0 } = (await browser.request().get({ passive: true })) ?? {};
  clock.advance(idleExpiresAt - clock.now() - 1);
  expect(await browser.request().get({ passive: true })).not.toBeNull();
  clock.advance(1);
  expect(await browser.request().get({ passive: true })).toBeNull();
  return idleExpiresAt - Date.UTC(2030, 0, 1) - useMs;
}

test('a use that is too soon to be recorded makes a session end sooner than idle, by less than touchEvery', async () => {
  expect(await endsAfterUseAt(5 * minute - 1)).toBe(6 * hour - (5 * minute - 1));
  expect(await endsAfterUseAt(1)).toBe(6 * hour - 1);
});

test('a use that is recorded makes a session live idle from then on, and not a moment longer', async () => {
  for (const useMs of [5 * minute, 17 * minute, 5 * hour]) expect(await endsAfterUseAt(useMs)).toBe(6 * hour);
});
