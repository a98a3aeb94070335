// @vitest-environment jsdom
import { matches } from 'trpc-session';
import { createReactSession } from 'trpc-session/react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode } from '../_support/sessions.ts';
import { flush } from './_support/fake-client.ts';
import { mount } from './_support/render.tsx';
import { closeTabs, stubChannels } from './_support/tab.tsx';

beforeEach(stubChannels);
afterEach(closeTabs);

test('a role that an administrator changed is seen by the next guard, and by the hook at its next refetch', async () => {
  const { sessions } = createAccountSessions({ view: ({ name, role }: typeof ada) => ({ name, role }) } as object);
  const { SessionProvider, useSession } = createReactSession<typeof sessions>();
  const browser = new Browser(sessions);
  await browser.request().start(ada);
  let refetch: (() => Promise<unknown>) | undefined;
  function Role() {
    const session = useSession();
    refetch = session.refetch;
    return JSON.stringify(session.data);
  }
  const page = await mount(
    <SessionProvider client={{ get: () => browser.request().view() }}>
      <Role />
    </SessionProvider>,
  );
  await page.run(flush);
  expect(page.text()).toBe('{"name":"Ada","role":"member"}');
  expect(await getErrorCode(browser.request().require(matches({ role: 'admin' })))).toBe('REFUSED');

  await sessions.of('ada').update({ role: 'admin' });

  expect(await getErrorCode(browser.request().require(matches({ role: 'admin' })))).toBe('none');
  await page.run(async () => refetch?.());
  await page.run(flush);
  expect(page.text()).toBe('{"name":"Ada","role":"admin"}');
});
