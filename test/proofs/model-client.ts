import { setImmediate as macrotask } from 'node:timers/promises';
import { createHeadersSink, createSessions, isSessionError } from 'trpc-session';
import { cookie } from 'trpc-session/transports/cookie';
import { header } from 'trpc-session/transports/header';
import { type Backend, schema } from './backends.ts';
import { type Expected, times } from './model.ts';

/** How browsers send their credential. */
export type Transport = 'header' | 'cookie';

interface ClientChoices {
  readonly limit: { readonly max: number; readonly whenFull: 'evict' | 'refuse' };
  readonly transport: Transport;
}

export type Client = ReturnType<typeof createClient>;

/** Creates a manager as an app does, and requests with any credential. */
export function createClient(backend: Backend, { limit, transport }: ClientChoices) {
  const manager = createSessions({
    schema,
    subject: (data) => data.user,
    view: ({ theme }) => ({ theme }),
    transport: transport === 'cookie' ? cookie() : header('x-session'),
    store: backend.store,
    secret: 'a secret for nothing but these proofs',
    limit,
    idle: times.idleMs,
    absolute: times.absoluteMs,
    touchEvery: times.touchEveryMs,
    ...(backend.hasTestClock && { now: backend.now }),
  });
  return {
    manager,
    backend,
    /**
     * Opens a request. `getCredential` returns what the browser holds afterwards: the token, or the cookie if there is
     * none.
     */
    request(credential: string | null) {
      const response = new Headers();
      const carried = credential === null ? {} : { [transport === 'cookie' ? 'cookie' : 'x-session']: credential };
      const headers = { 'sec-fetch-site': 'same-origin', ...carried };
      const handle = manager.open({ method: 'POST', headers }, createHeadersSink(response));
      const getCredential = (token: string | null): string =>
        token ?? response.getSetCookie()[0]?.split(';')[0] ?? 'nothing';
      return { handle, getCredential };
    },
    /** Lets a millisecond pass, so that no two sessions are created, or first used, at the same time. */
    async tick(): Promise<void> {
      if (backend.hasTestClock) return backend.advance(1);
      const before = Date.now();
      while (Date.now() === before) await macrotask();
    },
  };
}

/** Resolves to the result of a promise, or to the code it was rejected with. */
export async function settle(promise: Promise<unknown>): Promise<Expected> {
  try {
    return { result: await promise };
  } catch (error) {
    if (!isSessionError(error)) throw error;
    return { rejected: error.code };
  }
}
