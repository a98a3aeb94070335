// @vitest-environment jsdom
import type { ReactNode } from 'react';
import { createReactSession } from 'trpc-session/react';
import { createTestSession } from 'trpc-session/testing';
import { afterEach, expect, test } from 'vitest';
import { flush } from '../react/_support/fake-client.ts';
import { mount, type Page, unmountAll } from '../react/_support/render.tsx';
import type { sessions } from '../react/_support/sessions.ts';

const { SessionProvider, useSession, useSetSession, useSignOut } = createReactSession<typeof sessions>();
const ada = { name: 'Ada', theme: 'light', count: 0 } as const;

afterEach(unmountAll);

function Account(): ReactNode {
  const { status, data, idleExpiresAt, touch } = useSession();
  const { setSession, error } = useSetSession();
  const { signOut } = useSignOut();
  return (
    <>
      <output>{[status, data?.name, data?.theme, error instanceof Error ? error.message : null].join(' ')}</output>
      <time>{idleExpiresAt}</time>
      <button id="set" type="button" onClick={() => setSession({ theme: 'dark' })} />
      <button id="touch" type="button" onClick={touch} />
      <button id="out" type="button" onClick={signOut} />
    </>
  );
}

const read = (page: Page, selector = 'output') => page.container.querySelector(selector)?.textContent?.trim();

async function press(page: Page, id: string): Promise<void> {
  await page.run(() => page.container.querySelector<HTMLElement>(`#${id}`)?.click());
  await page.run(flush);
}

test('a signed-in session can be changed and signed out without a server', async () => {
  const page = await mount(
    <SessionProvider {...createTestSession(ada)}>
      <Account />
    </SessionProvider>,
  );
  expect(read(page)).toBe('authenticated Ada light');
  await press(page, 'set');
  expect(read(page)).toBe('authenticated Ada dark');
  await press(page, 'out');
  expect(read(page)).toBe('unauthenticated');
  expect(page.errors).toEqual([]);
});

test('touch moves the idle deadline', async () => {
  const page = await mount(
    <SessionProvider {...createTestSession(ada, { at: Date.now() - 60_000 })}>
      <Account />
    </SessionProvider>,
  );
  const before = Number(read(page, 'time'));
  await press(page, 'touch');
  expect(Number(read(page, 'time'))).toBeGreaterThanOrEqual(before + 60_000);
});

test('a signed-out session refuses a change as a server does', async () => {
  const page = await mount(
    <SessionProvider {...createTestSession<typeof ada>(null)}>
      <Account />
    </SessionProvider>,
  );
  expect(read(page)).toBe('unauthenticated');
  await press(page, 'set');
  expect(read(page)).toBe('unauthenticated   The test session is signed out.');
});

test('each call starts a session of its own', async () => {
  const [one, two] = [createTestSession(ada), createTestSession(ada)];
  await one.client.destroy();
  expect(await one.client.get()).toMatchObject({ status: 'unauthenticated' });
  expect(await two.client.get()).toMatchObject({ status: 'authenticated' });
});
