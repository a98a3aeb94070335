import { randomUUID } from 'node:crypto';
import type { StoredSession } from 'trpc-session/stores';
import { memoryStore } from 'trpc-session/stores/memory';
import { type BrokenStores, isSession, noLimit, pause } from './broken-store.ts';

export const brokenReadsAndRemovals: BrokenStores = {
  'counts a read as use': {
    failsCase: 'read does not restart the idle timeout',
    override: (store) => ({
      read: async (at) => {
        await store.touch(at);
        return store.read(at);
      },
    }),
  },
  'lists the sessions of every key': {
    failsCase: 'list never returns a session of another key',
    override: (store) => {
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
    failsCase: 'list returns the live sessions, oldest first',
    override: (store) => ({ list: async (key) => [...(await store.list(key))].reverse() }),
  },
  'lists the hash before a regeneration': {
    failsCase: 'list returns the hash at which each session is read',
    override: (store) => {
      const olderHashes = new Map<string, string>();
      return {
        regenerate: (command) => {
          olderHashes.set(command.newHash, command.hash);
          return store.regenerate(command);
        },
        list: async (key) =>
          (await store.list(key)).map((one) => ({ ...one, hash: olderHashes.get(one.hash) ?? one.hash })),
      };
    },
  },
  'scans the first 100 keys only': {
    failsCase: 'the pages of a scan contain every key with a session',
    override: (store) => ({
      scan: async (command) => ({ keys: (await store.scan(command)).keys.slice(0, 100), cursor: null }),
    }),
  },
  'skips keys between two pages': {
    failsCase: 'a scan misses no key while others come and go',
    override: (store) => ({
      scan: async ({ start, cursor }) => {
        const { keys } = await store.scan({ start, cursor: null });
        const from = Number(cursor ?? 0);
        const next = from + 52;
        return { keys: keys.slice(from, from + 50), cursor: next < keys.length ? String(next) : null };
      },
    }),
  },
  'scans the keys of every app': {
    failsCase: 'a scan returns no key that starts differently',
    override: (store) => ({ scan: (command) => store.scan({ ...command, start: '' }) }),
  },
  'takes the start of a scan for a pattern': {
    failsCase: 'a scan takes every character of the start literally',
    override: (store) => ({
      scan: async ({ start, cursor }) => {
        const { keys } = await store.scan({ start: '', cursor });
        const pattern = new RegExp(`^${start.replace(/[{}\\]/g, '\\$&').replace('*', '.*')}`);
        return { keys: keys.filter((key) => pattern.test(key)), cursor: null };
      },
    }),
  },
  'cannot scan a key without sessions': {
    failsCase: 'a scan resolves after the sessions of a key have ended',
    override: (store) => ({
      scan: async (command) => {
        const page = await store.scan(command);
        const lists = await Promise.all(page.keys.map((key) => store.list(key)));
        if (lists.some(({ length }) => length === 0)) throw new Error('The key has no session.');
        return page;
      },
    }),
  },
  'never ends a scan': {
    failsCase: 'a scan without results ends',
    override: (store) => ({ scan: async (command) => ({ ...(await store.scan(command)), cursor: 'again' }) }),
  },
  'revokes the session to keep': {
    failsCase: 'revoke except one ends all others',
    override: (store) => ({
      revoke: (key, which) => store.revoke(key, typeof which === 'object' && 'except' in which ? 'all' : which),
    }),
  },
  'reads from a copy that is behind': {
    failsCase: 'none of 20 reads after a destroy finds the session',
    override: (store) => {
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
  'gives the same reason for every end': {
    failsCase: 'read says why a session ended that was revoked by its id',
    override: (store) => ({
      read: async (at) => {
        const found = await store.read(at);
        return isSession(found) || found === null ? found : { ended: 'signed-out' };
      },
    }),
  },
  'gives a reason for whatever it does not find': {
    failsCase: 'of 20 sessions that are revoked at once, 16 have a reason',
    override: (store) => ({ read: async (at) => (await store.read(at)) ?? { ended: 'revoked' } }),
  },
  'destroys at any revision': {
    failsCase: 'destroy with an earlier revision conflicts and changes nothing',
    override: (store) => ({ destroy: (at) => store.destroy(at) }),
  },
  'rejects the second destroy': {
    failsCase: 'destroy of a destroyed session is not found',
    override: (store) => ({
      destroy: async (at, revision) => {
        if (!isSession(await store.read(at))) throw new Error('There is no such session.');
        return store.destroy(at, revision);
      },
    }),
  },
  'rejects a replace of a missing session': {
    failsCase: 'every method resolves for a session that never existed',
    override: (store) => ({
      replace: async (command) => {
        const result = await store.replace(command);
        if (result.status === 'not-found') throw new Error('There is no such session.');
        return result;
      },
    }),
  },
  'stops its clock': {
    failsCase: "the store's time passes between calls",
    override: (_, clock) => {
      const startedAt = clock.now();
      return memoryStore({ name: randomUUID(), now: () => startedAt });
    },
  },
  'lists 10 sessions at most': {
    failsCase: 'list returns all of 200 sessions',
    override: (store) => ({ list: async (key) => (await store.list(key)).slice(0, 10) }),
  },
  'lists in two steps': {
    failsCase: 'a list among concurrent regenerations always contains the session once',
    override: (store) => ({
      list: async (key) => {
        const half = await store.list(key);
        await pause();
        return [...new Set([...half, ...(await store.list(key))])];
      },
    }),
  },
  'returns expired sessions as just seen': {
    failsCase: 'read returns an expired session as it was, or null',
    override: (store, clock) => ({
      read: async (at) => {
        const found = await store.read(at);
        return isSession(found) ? { ...found, lastSeenAt: clock.now() } : found;
      },
    }),
  },
  'destroys the whole key': {
    failsCase: 'destroy removes the session and no other',
    override: (store) => ({
      destroy: async ({ key }) => ({ status: (await store.revoke(key, 'all')) > 0 ? 'done' : 'not-found' }),
    }),
  },
  'never destroys at a revision': {
    failsCase: 'destroy with the current revision removes the session',
    override: (store) => ({
      destroy: async (at, revision) => (revision === undefined ? store.destroy(at) : { status: 'conflict' }),
    }),
  },
  'does not count the sessions it revokes': {
    failsCase: 'revoke all ends all',
    override: (store) => ({ revoke: async (key, which) => Math.min(0, await store.revoke(key, which)) }),
  },
  'revokes under every key': {
    failsCase: 'revoke never ends a session of another key',
    override: (store) => {
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
  'rejects close': {
    failsCase: 'close resolves after use',
    override: () => ({ close: () => Promise.reject(new Error('There is no connection.')) }),
  },
  'rejects the second close': {
    failsCase: 'close resolves a second time, and without earlier calls',
    override: () => {
      let closed = false;
      return {
        close: async () => {
          if (closed) throw new Error('It is closed.');
          closed = true;
        },
      };
    },
  },
  'keeps an expired session after a touch': {
    failsCase: 'touch after the idle timeout removes the session',
    override: (store) => {
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
  'rejects every ping': {
    failsCase: 'ping resolves when the store can be used',
    override: () => ({ ping: () => Promise.reject(new Error('There is no connection.')) }),
  },
  'leaves a session after a ping': {
    failsCase: 'ping leaves no session',
    override: (store) => ({
      ping: async (key) => {
        const terms = { idleMs: 60_000, lifetimeMs: 60_000, limit: noLimit };
        await store.start({ key, hash: 'trial', nonce: 'trial', id: 'trial', summary: '', body: '', ...terms });
      },
    }),
  },
  'has no name': { failsCase: 'the store has a name', override: () => ({ name: '' }) },
};
