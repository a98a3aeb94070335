import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { SessionStore, StoredSession } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock, reasonToSkip, type StoreHarness, storeContract, type TestClock } from 'trpc-session/testing';

/** Breaks one promise of a store, and says which methods do it. */
type Break = (store: SessionStore, clock: TestClock) => Partial<SessionStore>;

type Start = Parameters<SessionStore['start']>[0];

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const endless = { max: 1_000_000, whenFull: 'evict' } as const;
const longMs = 3_600_000;

/** Each is a mistake that some store has made, under the case that is meant to find it. */
const broken: Readonly<Record<string, { readonly finds: string; readonly breaks: Break }>> = {
  'brings a session back on replace': {
    finds: 'nothing brings back a session that was destroyed',
    breaks: (store) => ({
      replace: async (command) => {
        const result = await store.replace(command);
        if (result.status !== 'gone') return result;
        const limits = { idleMs: longMs, lifetimeMs: longMs, limit: endless };
        const started = await store.start({ ...command, id: randomUUID(), ...limits });
        return started.status === 'done' ? started : result;
      },
    }),
  },
  'brings a session back on touch': {
    finds: 'touch answers false past the idle clock and does not revive',
    breaks: (store) => {
      const commands = new Map<string, Start>();
      return {
        start: async (command) => {
          commands.set(command.hash, command);
          return store.start(command);
        },
        touch: async (at) => {
          const command = commands.get(at.hash);
          if ((await store.touch(at)) || command === undefined) return true;
          await store.destroy(at);
          return (await store.start({ ...command, limit: endless })).status === 'done';
        },
      };
    },
  },
  'moves the absolute deadline on touch': {
    finds: 'touch does not carry a session past its absolute deadline',
    breaks: (store) => ({
      touch: async ({ key, hash }) => {
        const moved = { key, hash, newHash: `${hash} moving`, nonce: randomUUID() };
        const touched = await store.regenerate({ ...moved, renewMs: longMs });
        await store.regenerate({ key, hash: moved.newHash, newHash: hash, nonce: randomUUID() });
        return touched.status === 'done';
      },
    }),
  },
  'overwrites on start': {
    finds: 'start at a hash in use is taken and changes nothing',
    breaks: (store) => ({
      start: async (command) => {
        await store.destroy(command);
        return store.start(command);
      },
    }),
  },
  'does not know a repeated start': {
    finds: 'a start repeated is done and changes nothing',
    breaks: (store) => ({ start: (command) => store.start({ ...command, nonce: randomUUID() }) }),
  },
  'does not know a repeated replace': {
    finds: 'a replace repeated is done and counts the revision once',
    breaks: (store) => ({ replace: (command) => store.replace({ ...command, nonce: randomUUID() }) }),
  },
  'does not know a repeated regenerate': {
    finds: 'a regenerate repeated is done and changes nothing',
    breaks: (store) => ({ regenerate: (command) => store.regenerate({ ...command, nonce: randomUUID() }) }),
  },
  'remembers the last write alone': {
    finds: 'a replace repeated is done after 15 other writes, and undoes none of them',
    breaks: (store) => {
      const last = new Map<string, string>();
      return {
        replace: (command) => {
          const nonce = last.get(command.hash) === command.nonce ? command.nonce : randomUUID();
          last.set(command.hash, nonce);
          return store.replace({ ...command, nonce });
        },
      };
    },
  },
  'refuses its own success at the limit': {
    finds: 'a limit that refuses does not refuse the repetition of its own success',
    breaks: (store) => ({
      start: async (command) => {
        const { max, whenFull } = command.limit;
        const live = await store.list(command.key);
        return whenFull === 'refuse' && live.length >= max ? { status: 'full' } : store.start(command);
      },
    }),
  },
  'counts the replaced session': {
    finds: 'a limit that refuses does not count the session that is replaced',
    breaks: (store) => ({
      start: async (command) => {
        if (command.replaces === undefined) return store.start(command);
        const limit = { ...command.limit, max: Math.max(0, command.limit.max - 1) };
        return store.start({ ...command, limit });
      },
    }),
  },
  'forgets the limit': {
    finds: 'start is full at a limit that refuses, and changes nothing',
    breaks: (store) => ({ start: (command) => store.start({ ...command, limit: endless }) }),
  },
  'evicts the newest': {
    finds: 'start under a limit that evicts ends the oldest session',
    breaks: (store) => ({
      start: async (command) => {
        const live = await store.list(command.key);
        const newest = live.at(-1);
        if (newest && live.length >= command.limit.max && command.limit.whenFull === 'evict') {
          await store.revoke(command.key, { id: newest.id });
        }
        return store.start(command);
      },
    }),
  },
  'lets a refused start end the session it would replace': {
    finds: 'start is full without removing the session that it would replace',
    breaks: (store) => ({
      start: async (command) => {
        const result = await store.start(command);
        if (command.replaces && result.status === 'full') await store.destroy({ ...command, ...command.replaces });
        return result;
      },
    }),
  },
  'leaves the replaced session alive': {
    finds: 'start removes the session that it replaces',
    breaks: (store) => ({ start: ({ replaces: _, ...command }) => store.start(command) }),
  },
  'carries over what has changed': {
    finds: 'start conflicts with a replaced session that has changed, and changes nothing',
    breaks: (store) => ({
      start: ({ replaces, ...command }) =>
        store.start(replaces ? { ...command, replaces: { hash: replaces.hash } } : command),
    }),
  },
  'lets the last write win': {
    finds: 'replace from a revision that has passed conflicts, changes nothing and brings the session',
    breaks: (store) => ({
      replace: async (command) => {
        const result = await store.replace(command);
        if (result.status !== 'conflict') return result;
        return store.replace({ ...command, revision: result.session.revision });
      },
    }),
  },
  'checks first and writes later': {
    finds: 'of 100 replaces at once from one revision exactly one is done',
    breaks: (store) => ({
      replace: async (command) => {
        const found = await store.read(command);
        await pause();
        const now = await store.read(command);
        if (!isSession(found) || !isSession(now) || found.revision !== command.revision) return store.replace(command);
        return store.replace({ ...command, revision: now.revision });
      },
    }),
  },
  'brings the session as it was to a conflict': {
    finds: "replace from a revision that has passed conflicts, changes nothing and brings the session",
    breaks: (store) => {
      const first = new Map<string, StoredSession>();
      return {
        start: async (command) => {
          const result = await store.start(command);
          if (result.status === 'done') first.set(command.hash, result.session);
          return result;
        },
        replace: async (command) => {
          const result = await store.replace(command);
          const session = first.get(command.hash);
          return result.status === 'conflict' && session ? { status: 'conflict', session } : result;
        },
      };
    },
  },
  'keeps a session alive by writing to it': {
    finds: 'replace does not keep a session alive',
    breaks: (store) => ({
      replace: async (command) => {
        const result = await store.replace(command);
        if (result.status === 'done') await store.touch(command);
        return result;
      },
    }),
  },
  'keeps a session alive by reading it': {
    finds: 'read does not keep a session alive',
    breaks: (store) => ({
      read: async (at) => {
        await store.touch(at);
        return store.read(at);
      },
    }),
  },
  'leaves the old hash alive after regenerate': {
    finds: 'the old hash is dead at once after regenerate',
    breaks: (store) => ({
      regenerate: async (command) => {
        const result = await store.regenerate(command);
        if (result.status !== 'done') return result;
        const { id, body, idleMs } = result.session;
        const again = { ...command, nonce: randomUUID(), id, body, idleMs, lifetimeMs: longMs, limit: endless };
        await store.start(again);
        return result;
      },
    }),
  },
  'does not renew on regenerate': {
    finds: 'regenerate with renewMs starts both clocks anew and keeps createdAt',
    breaks: (store) => ({ regenerate: ({ renewMs: _, ...command }) => store.regenerate(command) }),
  },
  'renews on every regenerate': {
    finds: 'regenerate keeps body, id and clocks and counts the revision up',
    breaks: (store) => ({ regenerate: (command) => store.regenerate({ renewMs: longMs, ...command }) }),
  },
  'moves a session over another': {
    finds: 'regenerate to the hash of another session is taken and changes nothing',
    breaks: (store) => ({
      regenerate: async (command) => {
        const result = await store.regenerate(command);
        if (result.status !== 'taken') return result;
        await store.destroy({ key: command.key, hash: command.newHash });
        return store.regenerate(command);
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
    breaks: (store) => ({ revoke: (key, which) => store.revoke(key, typeof which === 'object' && 'except' in which ? 'all' : which) }),
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
    finds: 'destroy answers false the second time',
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
        if (result.status === 'gone') throw new Error('There is no such session.');
        return result;
      },
    }),
  },
  'trims bodies': {
    finds: 'a body comes back as it was written, whatever is in it',
    breaks: (store) => ({ replace: (command) => store.replace({ ...command, body: command.body.trim() }) }),
  },
  'stops its clock': {
    finds: "the store's time passes between calls",
    breaks: (_, clock) => {
      const startedAt = clock.now();
      return memoryStore({ name: randomUUID(), now: () => startedAt });
    },
  },
};

test('a wrapper that breaks nothing fails no case', async () => {
  expect(await failuresOf(() => ({}))).toEqual([]);
});

test.each(Object.entries(broken))('a store that %s is found out', async (_, { finds, breaks }) => {
  expect(storeContract.map(({ name }) => name)).toContain(finds);
  expect(await failuresOf(breaks)).toContain(finds);
});

/** The names of the cases that a store broken like this fails. */
async function failuresOf(breaks: Break): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const storeCase of storeContract) {
    const harness = harnessOf(breaks);
    if (reasonToSkip(storeCase, harness) !== null) continue;
    await storeCase.run(harness).catch(() => failures.push(storeCase.name));
  }
  return failures;
}

function harnessOf(breaks: Break): StoreHarness {
  const clock = createTestClock();
  const store = memoryStore({ name: randomUUID(), now: clock.now });
  return { create: () => ({ ...store, ...breaks(store, clock) }), clock };
}

function isSession(found: StoredSession | 'unreadable' | null): found is StoredSession {
  return found !== null && found !== 'unreadable';
}
