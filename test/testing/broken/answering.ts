import { randomUUID } from 'node:crypto';
import type { StoredSession } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { type BrokenStores, endless, isSession, pause } from './broken-store.ts';

export const brokenAnswers: BrokenStores = {
  'keeps a session alive by reading it': {
    finds: 'read does not keep a session alive',
    breaks: (store) => ({
      read: async (at) => {
        await store.touch(at);
        return store.read(at);
      },
    }),
  },
  'lists the sessions of every key': {
    finds: 'list never shows a session of another key',
    breaks: (store) => {
      const keys = new Set<string>();
      return {
        start: (command) => {
          keys.add(command.key);
          return store.start(command);
        },
        list: async () => (await Promise.all([...keys].map((key) => store.list(key)))).flat(),
      };
    },
  },
  'lists the newest first': {
    finds: 'list answers the live sessions, oldest first',
    breaks: (store) => ({ list: async (key) => [...(await store.list(key))].reverse() }),
  },
  'revokes the one to be kept': {
    finds: 'revoke except one ends all others',
    breaks: (store) => ({
      revoke: (key, which) => store.revoke(key, typeof which === 'object' && 'except' in which ? 'all' : which),
    }),
  },
  'answers from a copy that is behind': {
    finds: 'none of 20 reads after a destroy finds the session',
    breaks: (store) => {
      const copies = new Map<string, StoredSession>();
      return {
        read: async (at) => {
          const found = copies.get(at.hash) ?? (await store.read(at));
          if (isSession(found)) copies.set(at.hash, found);
          return found;
        },
      };
    },
  },
  'destroys at any revision': {
    finds: 'destroy with a revision that has passed conflicts and changes nothing',
    breaks: (store) => ({ destroy: (at) => store.destroy(at) }),
  },
  'fails to destroy twice': {
    finds: 'destroy finds nothing the second time',
    breaks: (store) => ({
      destroy: async (at, revision) => {
        if ((await store.read(at)) === null) throw new Error('There is no such session.');
        return store.destroy(at, revision);
      },
    }),
  },
  'throws for a session that is gone': {
    finds: 'every method answers for a session that never was',
    breaks: (store) => ({
      replace: async (command) => {
        const result = await store.replace(command);
        if (result.status === 'not-found') throw new Error('There is no such session.');
        return result;
      },
    }),
  },
  'stops its clock': {
    finds: "the store's time passes between calls",
    breaks: (_, clock) => {
      const startedAt = clock.now();
      return memoryStore({ name: randomUUID(), now: () => startedAt });
    },
  },
  'lists 10 at most': {
    finds: 'list answers all of 200 sessions',
    breaks: (store) => ({ list: async (key) => (await store.list(key)).slice(0, 10) }),
  },
  'lists in two halves': {
    finds: 'a list among regenerations at once always shows the session once',
    breaks: (store) => ({
      list: async (key) => {
        const half = await store.list(key);
        await pause();
        return [...new Set([...half, ...(await store.list(key))])];
      },
    }),
  },
  'shows the dead as seen just now': {
    finds: 'read answers a session past its clocks as it was, or null',
    breaks: (store, clock) => ({
      read: async (at) => {
        const found = await store.read(at);
        return isSession(found) ? { ...found, lastSeenAt: clock.now() } : found;
      },
    }),
  },
  'destroys the whole key': {
    finds: 'destroy removes the session and no other',
    breaks: (store) => ({
      destroy: async ({ key }) => ({ status: (await store.revoke(key, 'all')) > 0 ? 'done' : 'not-found' }),
    }),
  },
  'never destroys at a revision': {
    finds: 'destroy with the current revision removes the session',
    breaks: (store) => ({
      destroy: async (at, revision) => (revision === undefined ? store.destroy(at) : { status: 'conflict' }),
    }),
  },
  'does not count what it revokes': {
    finds: 'revoke all ends all',
    breaks: (store) => ({ revoke: async (key, which) => Math.min(0, await store.revoke(key, which)) }),
  },
  'revokes under every key': {
    finds: 'revoke never reaches a session of another key',
    breaks: (store) => {
      const keys = new Set<string>();
      return {
        start: (command) => {
          keys.add(command.key);
          return store.start(command);
        },
        revoke: async (_, which) => {
          let ended = 0;
          for (const key of keys) ended += await store.revoke(key, which);
          return ended;
        },
      };
    },
  },
  'fails to close': {
    finds: 'close resolves after use',
    breaks: () => ({ close: () => Promise.reject(new Error('There is no connection.')) }),
  },
  'fails to close twice': {
    finds: 'close resolves twice, and without use',
    breaks: () => {
      let closed = false;
      return {
        close: async () => {
          if (closed) throw new Error('It is closed.');
          closed = true;
        },
      };
    },
  },
  'keeps what a touch finds dead': {
    finds: 'touch past the idle clock forgets the session',
    breaks: (store) => {
      const kept = new Map<string, Awaited<ReturnType<typeof store.read>>>();
      return {
        touch: async (at) => {
          const before = await store.read(at);
          const lives = await store.touch(at);
          if (!lives) kept.set(at.hash, before);
          return lives;
        },
        read: async (at) => (await store.read(at)) ?? kept.get(at.hash) ?? null,
      };
    },
  },
  'never answers a ping': {
    finds: 'ping resolves when the store can be used',
    breaks: () => ({ ping: () => Promise.reject(new Error('There is no connection.')) }),
  },
  'leaves behind what it tries with': {
    finds: 'ping leaves no session',
    breaks: (store) => ({
      ping: async (key) => {
        const terms = { idleMs: 60_000, lifetimeMs: 60_000, limit: endless };
        await store.start({ key, hash: 'trial', nonce: 'trial', id: 'trial', body: '', ...terms });
      },
    }),
  },
  'has no name': { finds: 'the store has a name', breaks: () => ({ name: '' }) },
};
