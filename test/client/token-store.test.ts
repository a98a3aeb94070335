// Slow: it starts HTTP servers.
import { setTimeout as sleep } from 'node:timers/promises';
import { createTRPCClient, createWSClient, httpBatchLink, httpLink, httpSubscriptionLink, wsLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import superjson from 'superjson';
import { first } from 'trpc-session';
import { createTokenStore, sessionLink, type TokenStorage } from 'trpc-session/client';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createTestApp, type TestRouter } from '../trpc/_support/app.ts';
import { Visitor } from '../trpc/_support/client.ts';
import { adapterNames, type Server, serve } from '../trpc/_support/servers.ts';
import { serveSockets } from '../trpc/_support/sockets.ts';
import { subscribe } from '../trpc/_support/subscriber.ts';

const unauthorized = expect.objectContaining({ data: expect.objectContaining({ code: 'UNAUTHORIZED' }) });

/** The storage of a phone: two asynchronous functions, and what they have stored. */
function createStorage() {
  const stored: { token: string | null; readonly saved: (string | null)[] } = { token: null, saved: [] };
  const storage: TokenStorage = {
    load: async () => stored.token,
    save: async (token) => {
      await sleep(1);
      stored.saved.push(token);
      stored.token = token;
    },
  };
  return { stored, storage };
}

function createPhone(server: Server, { stored, storage } = createStorage()) {
  const tokens = createTokenStore(storage);
  const link = httpLink<TestRouter>({ url: server.url, fetch: tokens.fetch, transformer: superjson });
  return { stored, storage, tokens, client: createTRPCClient<TestRouter>({ links: [link] }) };
}

async function createSetting(adapter: (typeof adapterNames)[number] = 'standalone') {
  const app = createTestApp({ transport: first(cookie(), bearer()) });
  const server = await serve(adapter, app);
  return { app, server, phone: createPhone(server), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Holds back the response to one call until `release` is called. The server has handled the call by then. */
function holdBack(path: string) {
  const { fetch } = globalThis;
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrive = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const held = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const response = await fetch(input, init);
    if (!String(input).includes(path)) return response;
    held.mockRestore();
    arrive();
    await released;
    return response;
  });
  return { release, arrived };
}

describe.each(adapterNames)('a phone and a browser on one API, with the %s adapter', (adapter) => {
  test('sign in, use, renew and end their sessions, one by token and one by cookie', async () => {
    await using it = await createSetting(adapter);
    const browser = new Visitor();
    const web = browser.client(it.server, 'sessionLink');
    const { client, stored } = it.phone;
    await Promise.all([client.signInAs.mutate('Grace'), web.signInAs.mutate('Ada')]);
    expect(await Promise.all([client.me.query(), web.me.query()])).toEqual(['Grace', 'Ada']);
    expect(browser.responses.filter(({ headers }) => headers.has('session-token'))).toEqual([]);
    const before = { token: stored.token, cookie: browser.cookie };
    await Promise.all([client.direct.regenerate.mutate(), web.direct.regenerate.mutate()]);
    expect(stored.token).toMatch(/^[\w-]{72}$/);
    expect(stored.token).not.toBe(before.token);
    expect(browser.cookie).not.toBe(before.cookie);
    expect(await Promise.all([client.me.query(), web.me.query()])).toEqual(['Grace', 'Ada']);
    await client.session.destroy.mutate();
    expect(stored.token).toBeNull();
    await expect(client.me.query()).rejects.toEqual(unauthorized);
    expect(await web.me.query()).toBe('Ada');
  });
});

describe('createTokenStore', () => {
  test('has stored the token when the sign-in resolves, and loads it after a restart', async () => {
    await using it = await createSetting();
    await it.phone.client.signInAs.mutate('Ada');
    const token = it.phone.stored.token;
    expect(token).toMatch(/^[\w-]{72}$/);
    const restarted = createPhone(it.server, it.phone);
    expect(await restarted.client.me.query()).toBe('Ada');
    expect(await restarted.tokens.headers()).toEqual({
      'session-transport': 'bearer',
      authorization: `Bearer ${token}`,
    });
  });

  test('works with every link over HTTP, and keeps the headers of the link', async () => {
    await using it = await createSetting();
    const { tokens } = it.phone;
    const seen: (string | null)[] = [];
    const { fetch } = globalThis;
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
      seen.push(new Headers(init?.headers).get('x-app'));
      return fetch(input, init);
    });
    const options = { url: it.server.url, fetch: tokens.fetch, transformer: superjson, headers: { 'x-app': 'tides' } };
    for (const link of [httpBatchLink<TestRouter>(options), sessionLink<TestRouter>(options)]) {
      const client = createTRPCClient<TestRouter>({ links: [link] });
      await client.signInAs.mutate('Ada');
      expect(await Promise.all([client.me.query(), client.visits.query()])).toEqual(['Ada', 0]);
      await client.session.destroy.mutate();
    }
    expect(new Set(seen)).toEqual(new Set(['tides']));
  });

  test('sends a `Request` with its own headers', async () => {
    await using it = await createSetting();
    await it.phone.client.signInAs.mutate('Ada');
    const headers = { 'trpc-accept': 'application/jsonl' };
    const response = await it.phone.tokens.fetch(new Request(`${it.server.url}/me?batch=1&input={}`, { headers }));
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toContain('Ada');
  });

  test('sends no cookie, and the server ignores one that the platform adds', async () => {
    await using it = await createSetting();
    const browser = new Visitor();
    await browser.client(it.server).signInAs.mutate('Ada');
    const { fetch } = globalThis;
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
      expect(init?.credentials).toBe('omit');
      const headers = new Headers(init?.headers);
      headers.set('cookie', browser.jar.header);
      return fetch(input, { ...init, headers });
    });
    await expect(it.phone.client.me.query()).rejects.toEqual(unauthorized);
    await it.phone.client.signInAs.mutate('Grace');
    expect(await it.phone.client.me.query()).toBe('Grace');
    expect(it.phone.stored.token).not.toBeNull();
  });

  test('removes the token when the server says that it has ended, and signs in again', async () => {
    await using it = await createSetting();
    await it.phone.client.signInAs.mutate('Ada');
    await it.app.sessions.of('Ada').revokeAll();
    await expect(it.phone.client.me.query()).rejects.toEqual(unauthorized);
    expect(it.phone.stored.token).toBeNull();
    await it.phone.client.signInAs.mutate('Ada');
    expect(await it.phone.client.me.query()).toBe('Ada');
  });

  test('keeps the token while the store of the server is unavailable', async () => {
    await using it = await createSetting();
    await it.phone.client.signInAs.mutate('Ada');
    const { token } = it.phone.stored;
    const read = vi.spyOn(it.app.store, 'read').mockRejectedValueOnce(new Error('down'));
    await expect(it.phone.client.me.query()).rejects.toMatchObject({ data: { code: 'SERVICE_UNAVAILABLE' } });
    read.mockRestore();
    expect(it.phone.stored.token).toBe(token);
    expect(await it.phone.client.me.query()).toBe('Ada');
  });

  test('is refused by a procedure that streams, before anything is stored', async () => {
    await using it = await createSetting();
    const headers = { ...(await it.phone.tokens.headers()), 'trpc-accept': 'application/jsonl' };
    const body = JSON.stringify({ 0: superjson.serialize('Ada') });
    const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
    const response = await it.phone.tokens.fetch(`${it.server.url}/signInAs?batch=1`, init);
    expect(await response.text()).toContain('The response streams');
    expect(it.app.calls).not.toContain('start');
    expect(it.phone.stored.token).toBeNull();
  });
});

describe('calls at the same time', () => {
  test.each(['before', 'after'])(
    'a call with the old token that is made %s `regenerate` and refused later leaves the new token',
    async (order) => {
      await using it = await createSetting();
      const { client, stored } = it.phone;
      await client.signInAs.mutate('Ada');
      const { fetch } = globalThis;
      const calls: { regenerated?: Promise<unknown>; late?: Promise<unknown> } = {};
      vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
        if (String(input).includes('/me')) await calls.regenerated;
        return fetch(input, init);
      });
      if (order === 'before') calls.late = client.me.query();
      calls.regenerated = client.direct.regenerate.mutate();
      calls.late ??= client.me.query();
      await expect(calls.late).rejects.toEqual(unauthorized);
      expect(stored.token).not.toBeNull();
      expect(await client.me.query()).toBe('Ada');
    },
  );

  test('a refusal that overtakes the reply with the new token does not lose the new token', async () => {
    await using it = await createSetting();
    const { client, stored } = it.phone;
    await client.signInAs.mutate('Ada');
    const { release, arrived } = holdBack('regenerate');
    const regenerated = client.direct.regenerate.mutate();
    await arrived;
    await expect(client.me.query()).rejects.toEqual(unauthorized);
    expect(stored.token).toBeNull();
    release();
    await regenerated;
    expect(await client.me.query()).toBe('Ada');
  });

  test('of two sign-ins the one that was called last counts, whichever reply is first', async () => {
    await using it = await createSetting();
    const { client, stored } = it.phone;
    const { release, arrived } = holdBack('signInAs');
    const signedIn = client.signInAs.mutate('Ada');
    await arrived;
    await client.signInAs.mutate('Grace');
    const token = stored.token;
    release();
    await signedIn;
    expect(stored.token).toBe(token);
    expect(await client.me.query()).toBe('Grace');
  });

  test('a sign-in whose reply arrives after `clear` does not sign the user in again', async () => {
    await using it = await createSetting();
    const { client, stored, tokens } = it.phone;
    const { release, arrived } = holdBack('signInAs');
    const signedIn = client.signInAs.mutate('Ada');
    await arrived;
    await tokens.clear();
    release();
    await signedIn;
    expect(stored.token).toBeNull();
    await expect(client.me.query()).rejects.toEqual(unauthorized);
  });

  test('a slow `save` of an older token does not replace a newer one', async () => {
    await using it = await createSetting();
    const stored: (string | null)[] = [];
    const delays = [100];
    const save = async (token: string | null) => {
      await sleep(delays.shift() ?? 0);
      stored.push(token);
    };
    const { client, tokens } = createPhone(it.server, { ...createStorage(), storage: { load: () => null, save } });
    const signedIn = client.signInAs.mutate('Ada');
    await vi.waitFor(async () => expect(await tokens.headers()).toHaveProperty('authorization'));
    await Promise.all([signedIn, tokens.clear()]);
    expect(stored).toEqual([expect.any(String), null]);
  });

  test('a refusal of the old token that arrives while the new one is being saved leaves the new one', async () => {
    await using it = await createSetting();
    await it.phone.client.signInAs.mutate('Ada');
    const { stored, storage } = it.phone;
    const calls: { late?: Promise<unknown>; startSaving?: () => void } = {};
    const saving = new Promise<void>((resolve) => {
      calls.startSaving = resolve;
    });
    const save = async (token: string | null) => {
      calls.startSaving?.();
      await calls.late?.catch(() => {});
      await storage.save(token);
    };
    const { client } = createPhone(it.server, { stored, storage: { ...storage, save } });
    const { fetch } = globalThis;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      if (String(input).includes('/me')) await saving;
      return fetch(input, init);
    });
    const regenerated = client.direct.regenerate.mutate();
    calls.late = client.me.query();
    await Promise.all([regenerated, expect(calls.late).rejects.toEqual(unauthorized)]);
    expect(stored.saved).not.toContain(null);
    expect(await client.me.query()).toBe('Ada');
  });

  test('a token that another process stored replaces one that has ended', async () => {
    await using it = await createSetting();
    await it.phone.client.signInAs.mutate('Ada');
    const other = createPhone(it.server, it.phone);
    await other.client.direct.regenerate.mutate();
    await expect(it.phone.client.me.query()).rejects.toEqual(unauthorized);
    expect(await it.phone.client.me.query()).toBe('Ada');
    expect(it.phone.stored.saved).not.toContain(null);
  });
});

describe('a storage that fails', () => {
  test('is read again by the next call', async () => {
    await using it = await createSetting();
    await it.phone.client.signInAs.mutate('Ada');
    const load = vi.fn(it.phone.storage.load).mockRejectedValueOnce(new Error('The keychain is locked'));
    const { client } = createPhone(it.server, { stored: it.phone.stored, storage: { ...it.phone.storage, load } });
    await expect(client.me.query()).rejects.toThrow('The keychain is locked');
    expect(await client.me.query()).toBe('Ada');
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('makes the sign-in reject, and the token counts until the app ends', async () => {
    await using it = await createSetting();
    const save = vi.fn(it.phone.storage.save).mockRejectedValueOnce(new Error('The disk is full'));
    const { client, stored } = createPhone(it.server, { ...createStorage(), storage: { load: () => null, save } });
    await expect(client.signInAs.mutate('Ada')).rejects.toThrow('The disk is full');
    expect(stored.token).toBeNull();
    expect(await client.me.query()).toBe('Ada');
    await client.direct.regenerate.mutate();
    expect(save).toHaveBeenCalledTimes(2);
  });
});

describe('subscriptions', () => {
  test('carry the token in a header of server-sent events, and end when the session ends', async () => {
    await using it = await createSetting();
    const { client, tokens, stored } = it.phone;
    await client.signInAs.mutate('Ada');
    const events = createTRPCClient<TestRouter>({
      links: [
        httpSubscriptionLink<TestRouter, typeof EventSource>({
          url: it.server.url,
          transformer: superjson,
          EventSource,
          eventSourceOptions: { fetch: tokens.fetch },
        }),
      ],
    });
    const subscriber = subscribe(events, 'quiet');
    await subscriber.opened;
    expect(it.server.requests.join()).not.toContain(stored.token);
    await client.session.destroy.mutate();
    expect(await subscriber.ended).toEqual(unauthorized);
  });

  test('carry the token in the connection parameters of a WebSocket: each new connection the present one', async () => {
    const app = createTestApp({ transport: first(cookie(), bearer()) });
    await using server = await serveSockets(app);
    const { client, tokens } = createPhone(server);
    const openSocket = () => {
      const socket = createWSClient({
        url: server.origin.replace('http:', 'ws:'),
        WebSocket: WebSocket as never,
        connectionParams: tokens.headers,
      });
      const link = wsLink<TestRouter>({ client: socket, transformer: superjson });
      return { socket, calls: createTRPCClient<TestRouter>({ links: [link] }) };
    };
    await client.signInAs.mutate('Ada');
    const before = openSocket();
    expect(await before.calls.me.query()).toBe('Ada');
    await client.direct.regenerate.mutate();
    await expect(before.calls.me.query()).rejects.toEqual(unauthorized);
    const after = openSocket();
    expect(await after.calls.me.query()).toBe('Ada');
    await expect(after.calls.signInAs.mutate('Grace')).rejects.toThrow('A WebSocket has sent its headers');
    before.socket.close();
    after.socket.close();
  });
});
