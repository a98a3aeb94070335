// @vitest-environment jsdom
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import type { ReactNode } from 'react';
import { createReactSession } from 'trpc-session/react';
import { createTrpcSession } from 'trpc-session/trpc';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { signedIn } from './_support/answers.ts';
import { mount } from './_support/render.tsx';
import { sessions } from './_support/sessions.ts';
import { advanceTime, closeTabs, stubChannels } from './_support/tab.tsx';

const { createContext, createSessionProcedures } = createTrpcSession(sessions);
const t = initTRPC.context<typeof createContext>().create();
const router = t.router({ session: createSessionProcedures(t.procedure) });
const { SessionProvider, useSession, SignedIn } = createReactSession<typeof sessions>();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  stubChannels();
});

afterEach(async () => {
  await closeTabs();
  vi.useRealTimers();
});

const json = { headers: { 'content-type': 'application/json' } };
const toBody = (data: unknown) => JSON.stringify([{ result: { data } }]);
const toError = (code: string, httpStatus: number) =>
  JSON.stringify([{ error: { message: code, code: -32603, data: { code, httpStatus } } }]);

/** What `fetch` does in each fault. */
const faults: Readonly<Record<string, () => Promise<Response>>> = {
  'no network, a refused connection or no such host': () => Promise.reject(new TypeError('Failed to fetch')),
  'an aborted request': () => Promise.reject(new DOMException('aborted', 'AbortError')),
  'a timeout': () => Promise.reject(new DOMException('timeout', 'TimeoutError')),
  'no response at all': () => new Promise(() => {}),
  'a reset connection in the middle of the body': async () =>
    new Response(new ReadableStream({ start: (controller) => controller.error(new TypeError('terminated')) }), json),
  'truncated JSON': async () => new Response(toBody(signedIn()).slice(0, 60), json),
  'an empty body': async () => new Response('', json),
  'the page of a captive portal': async () => new Response('<h1>Welcome to our hotel</h1>'),
  '429 without a body': async () => new Response(null, { status: 429 }),
  '500 of the server': async () => new Response(toError('INTERNAL_SERVER_ERROR', 500), { ...json, status: 500 }),
  '502 with HTML of a proxy': async () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
  '503 because Redis is down': async () => new Response(toError('SERVICE_UNAVAILABLE', 503), { ...json, status: 503 }),
};

function Header(): ReactNode {
  const { status, data, error } = useSession();
  const note = error ? 'reconnecting' : 'current';
  return (
    <>
      {`${data?.name} ${status} ${note}`}
      <SignedIn>, sign out</SignedIn>
    </>
  );
}

test.each(Object.entries(faults))('%s signs no user out, and the page is current within 2 seconds', async (_, fail) => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  let respond = fail;
  const trpc = createTRPCClient<typeof router>({
    links: [httpBatchLink({ url: 'http://localhost/api', fetch: () => respond() })],
  });
  const page = await mount(
    <SessionProvider session={signedIn()} client={trpc.session}>
      <Header />
    </SessionProvider>,
  );
  window.dispatchEvent(new Event('focus'));
  await advanceTime(10_000);
  expect(page.text()).toBe('Ada authenticated reconnecting, sign out');
  await advanceTime(30_000);
  expect(page.text()).toBe('Ada authenticated reconnecting, sign out');

  respond = async () => new Response(toBody(signedIn({ at: 60_000 })), json);
  document.body.dispatchEvent(new Event('keydown'));
  await advanceTime(2_000);
  expect(page.text()).toBe('Ada authenticated current, sign out');
});
