// Slow: it loads the route handlers of Next and starts a server.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createRouteListener } from '../_support/next-routes.ts';

/** Route handlers of an app that had another domain before. */
async function loadRoutes() {
  const { createSessions } = await import('trpc-session');
  const { createNextSession } = await import('trpc-session/next');
  const { memoryStore } = await import('trpc-session/stores/memory');
  const { cookie } = await import('trpc-session/transports/cookie');
  const { cookies } = await import('next/headers.js');
  const { z } = await import('zod');
  const { setSession, getSession, deleteSession } = createNextSession(
    createSessions({
      schema: z.object({ userId: z.string() }),
      view: () => null,
      store: memoryStore({ name: randomUUID() }),
      secret: undefined,
      transport: cookie({ name: 'sid', domain: 'shop.test', formerDomains: ['old.test'] }),
    }),
  );
  return {
    '/sign-in': {
      generateStaticParams: undefined,
      POST: async () => {
        (await cookies()).set('theme', 'dark');
        await setSession({ userId: 'ada' });
        const current = (await cookies()).get('sid')?.value;
        return Response.json({ user: (await getSession())?.data.userId, isReadable: current?.startsWith('Fe26') });
      },
    },
    '/sign-out': {
      generateStaticParams: undefined,
      POST: async () => Response.json(await deleteSession()),
    },
  };
}

test('a route handler of Next sends one line for each domain, and browsers take them for one name', async () => {
  const server = createServer(await createRouteListener(loadRoutes)).listen(0);
  try {
    const address = server.address();
    const origin = `http://localhost:${typeof address === 'object' ? address?.port : ''}`;
    const post = async (path: string, cookie = '') => {
      const headers = { 'sec-fetch-site': 'same-origin', cookie };
      const response = await fetch(origin + path, { method: 'POST', headers });
      return { body: await response.json(), lines: response.headers.getSetCookie().sort() };
    };
    const signedIn = await post('/sign-in');
    expect(signedIn.body).toEqual({ user: 'ada', isReadable: true });
    expect(signedIn.lines).toEqual([
      expect.stringMatching(/^sid {2}=; Path=\/; Max-Age=0; HttpOnly/),
      expect.stringMatching(/^sid =; Path=\/; Max-Age=0; Domain=old\.test; HttpOnly/),
      expect.stringMatching(/^sid=Fe26.*; Domain=shop\.test/),
      expect.stringMatching(/^theme=dark/),
    ]);
    const signedOut = await post('/sign-out', signedIn.lines[2]?.split(';')[0]);
    expect(signedOut.body).toEqual({ cookieCleared: true });
    expect(signedOut.lines).toEqual([
      expect.stringMatching(/^sid {2}=; .*Max-Age=0/),
      expect.stringMatching(/^sid =; .*Max-Age=0; Domain=old\.test/),
      expect.stringMatching(/^sid=; .*Max-Age=0; Domain=shop\.test/),
    ]);
  } finally {
    server.close();
  }
});
