import { type ReactNode, Suspense } from 'react';
import { renderToString } from 'react-dom/server';
import { renderToReadableStream } from 'react-dom/server.browser';
import { createReactSession, type SessionProviderProps } from 'trpc-session/react';
import { describe, expect, test, vi } from 'vitest';
import { signedIn } from './_support/answers.ts';
import { createFakeClient } from './_support/fake-client.ts';
import type { Patch, sessions, View } from './_support/sessions.ts';

const { SessionProvider, useSession, useSuspenseSession } = createReactSession<typeof sessions>();

function Who(): ReactNode {
  return `${useSession().status} `;
}

function SettledWho(): ReactNode {
  return useSuspenseSession().status;
}

async function serve(session: SessionProviderProps<View, Patch>['session']) {
  const client = createFakeClient();
  const errors: unknown[] = [];
  const stream = await renderToReadableStream(
    <SessionProvider session={session} client={client}>
      <Who />
      <Suspense fallback="waiting">
        <SettledWho />
      </Suspense>
    </SessionProvider>,
    { onError: (error) => void errors.push(error) },
  );
  await stream.allReady;
  return { html: await new Response(stream).text(), errors, client };
}

describe('on a server, without a window', () => {
  test('it renders the view that it is given, and sends no request', async () => {
    const { html, errors, client } = await serve(signedIn());
    expect(html).toContain('authenticated');
    expect(errors).toEqual([]);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('it starts no timer and reads no clock while it renders', () => {
    const client = createFakeClient();
    const spies = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(Date, 'now')];
    const html = renderToString(
      <SessionProvider session={signedIn()} client={client}>
        <Who />
      </SessionProvider>,
    );
    expect(html).toContain('authenticated');
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  test('for a promise, useSession returns loading and useSuspenseSession waits', async () => {
    const { html, errors } = await serve(Promise.resolve(signedIn()));
    expect(html).toContain('loading ');
    expect(html).toContain('authenticated');
    expect(errors).toEqual([]);
  });

  test('a promise that rejects is not an error of the page', async () => {
    const { html, errors } = await serve(Promise.reject(new Error('down')));
    expect(html).toContain('unavailable');
    expect(errors).toEqual([]);
  });

  test('without a session, useSuspenseSession throws an error that says what to pass', async () => {
    const { errors } = await serve(undefined);
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/session=\{getSessionView\(\)\}/) }),
    ]);
  });
});
