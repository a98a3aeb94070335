import { createContext, type ReactNode, Suspense } from 'react';
import { renderToReadableStream } from 'react-dom/server.browser';
import { describe, expect, test, vi } from 'vitest';
import type { ProviderConnection } from '../../src/react/connection.ts';
import { useSessionState, useSettledSession } from '../../src/react/hooks.ts';
import { createProvider } from '../../src/react/provider.tsx';
import type { SessionSource } from '../../src/react/source.ts';
import { type Patch, signedIn, type View } from './_support/answers.ts';
import { fakeClient } from './_support/fake-client.ts';

const context = createContext<ProviderConnection<View, Patch> | null>(null);
const SessionProvider = createProvider(context);

function Who(): ReactNode {
  return `${useSessionState(context).status} `;
}

function SettledWho(): ReactNode {
  return useSettledSession(context).status;
}

async function serve(session: SessionSource<View>) {
  const client = fakeClient();
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
  test('it renders what it is given, and asks, starts and dates nothing', async () => {
    const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(Date, 'now')];
    const store = await import('../../src/react/view-store.ts');
    for (const spy of timers) spy.mockClear();
    const made = new store.ViewStore<View, Patch>(signedIn(), { client: fakeClient() });
    expect(made.read().status).toBe('authenticated');
    for (const spy of timers) expect(spy).not.toHaveBeenCalled();
    const { html, errors, client } = await serve(signedIn());
    expect(html).toContain('authenticated');
    expect(errors).toEqual([]);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('of a promise, one hook says loading and the other waits', async () => {
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

  test('without a session nothing waits for ever: it says what to pass', async () => {
    const { errors } = await serve(undefined);
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/session=\{getSessionView\(\)\}/) }),
    ]);
  });
});
