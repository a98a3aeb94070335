import { randomUUID } from 'node:crypto';
import type { SessionStore, StoredSession } from 'trpc-session/stores';
import { memoryStore } from 'trpc-session/stores/memory';
import { type BrokenStores, hourMs, isSession, noLimit, pause } from './broken-store.ts';

type Start = Parameters<SessionStore['start']>[0];

export const brokenTouchAndReplace: BrokenStores = {
  'brings a session back on replace': {
    failsCase: 'no late write brings back a session that was destroyed',
    override: (store, clock) => {
      const revived = memoryStore({ name: randomUUID(), now: clock.now });
      return {
        replace: async (command) => {
          const result = await store.replace(command);
          if (result.status !== 'not-found') return result;
          const limits = { idleMs: hourMs, lifetimeMs: hourMs, limit: noLimit };
          const started = await revived.start({ ...command, id: randomUUID(), summary: '', ...limits });
          return started.status === 'done' ? started : result;
        },
      };
    },
  },
  'brings a session back on touch': {
    failsCase: 'touch after the idle timeout returns false and does not revive the session',
    override: (store) => {
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
          return (await store.start({ ...command, limit: noLimit })).status === 'done';
        },
      };
    },
  },
  'moves the absolute deadline on touch': {
    failsCase: 'touch does not extend a session past its absolute deadline',
    override: (store) => ({
      touch: async ({ key, hash }) => {
        const moved = { key, hash, newHash: `${hash} moving`, nonce: randomUUID() };
        const touched = await store.regenerate({ ...moved, renewMs: hourMs });
        await store.regenerate({ key, hash: moved.newHash, newHash: hash, nonce: randomUUID() });
        return touched.status === 'done';
      },
    }),
  },
  'does not recognize a repeated replace': {
    failsCase: 'a repeated replace is done and counts the revision once',
    override: (store) => ({ replace: (command) => store.replace({ ...command, nonce: randomUUID() }) }),
  },
  'remembers only the last write': {
    failsCase: 'a repeated replace is done after 15 other writes, and undoes none of them',
    override: (store) => {
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
  'lets the last write win': {
    failsCase: 'replace from an earlier revision conflicts, changes nothing and returns the session',
    override: (store) => ({
      replace: async (command) => {
        const result = await store.replace(command);
        if (result.status !== 'conflict') return result;
        return store.replace({ ...command, revision: result.session.revision });
      },
    }),
  },
  'checks the revision before it writes': {
    failsCase: 'of 100 concurrent replaces from one revision, exactly one is done',
    override: (store) => ({
      replace: async (command) => {
        const found = await store.read(command);
        await pause();
        const now = await store.read(command);
        if (!isSession(found) || !isSession(now) || found.revision !== command.revision) return store.replace(command);
        return store.replace({ ...command, revision: now.revision });
      },
    }),
  },
  'returns the first session with a conflict': {
    failsCase: 'replace from an earlier revision conflicts, changes nothing and returns the session',
    override: (store) => {
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
  'counts a replace as use': {
    failsCase: 'replace does not restart the idle timeout',
    override: (store) => ({
      replace: async (command) => {
        const result = await store.replace(command);
        if (result.status === 'done') await store.touch(command);
        return result;
      },
    }),
  },
  'trims bodies': {
    failsCase: 'a body is returned as it was written, whatever it contains',
    override: (store) => ({ replace: (command) => store.replace({ ...command, body: command.body.trim() }) }),
  },
  'does nothing on touch': {
    failsCase: 'touch restarts the idle timeout',
    override: () => ({ touch: async () => true }),
  },
  'does nothing on replace': {
    failsCase: 'replace stores the body and adds 1 to the revision',
    override: (store) => ({
      replace: async (command) => {
        const session = await store.read(command);
        return isSession(session) ? { status: 'done', session } : { status: 'not-found' };
      },
    }),
  },
  'touches every session of the key': {
    failsCase: 'replace changes no other session',
    override: (store) => {
      const hashes = new Set<string>();
      const touchAll = async <Result>(key: string, write: Promise<Result>): Promise<Result> => {
        const result = await write;
        for (const hash of hashes) await store.touch({ key, hash });
        return result;
      };
      return {
        start: (command) => {
          hashes.add(command.hash);
          return store.start(command);
        },
        touch: (at) => touchAll(at.key, store.touch(at)),
        replace: (command) => touchAll(command.key, store.replace(command)),
        regenerate: (command) => touchAll(command.key, store.regenerate(command)),
      };
    },
  },
};
