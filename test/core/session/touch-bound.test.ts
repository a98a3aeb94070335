import { expect, test } from 'vitest';
import { ada, Browser, createAccountSessions } from '../../_support/sessions.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Signs in, uses the session once after `useMs`, and returns how long after that use the session ends. */
async function measureLifetimeAfterUse(useMs: number): Promise<number> {
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

test('after a use that was not recorded, a session ends early by less than touchEvery', async () => {
  expect(await measureLifetimeAfterUse(5 * minute - 1)).toBe(6 * hour - (5 * minute - 1));
  expect(await measureLifetimeAfterUse(1)).toBe(6 * hour - 1);
});

test('after a use that was recorded, a session lasts exactly as long as idle', async () => {
  for (const useMs of [5 * minute, 17 * minute, 5 * hour]) expect(await measureLifetimeAfterUse(useMs)).toBe(6 * hour);
});
