import { randomUUID } from 'node:crypto';
import type { SessionStore, StoredSession } from 'trpc-session';
import { type BrokenStores, endless, isSession, longMs, pause } from './broken-store.ts';

type Start = Parameters<SessionStore['start']>[0];

export const brokenChanges: BrokenStores = {
  'brings a session back on replace': {
    finds: 'nothing brings back a session that was destroyed',
    breaks: (store) => ({
      replace: async (command) => {
        const result = await store.replace(command);
        if (result.status !== 'not-found') return result;
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
  'does not know a repeated replace': {
    finds: 'a replace repeated is done and counts the revision once',
    breaks: (store) => ({ replace: (command) => store.replace({ ...command, nonce: randomUUID() }) }),
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
    finds: 'replace from a revision that has passed conflicts, changes nothing and brings the session',
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
  'trims bodies': {
    finds: 'a body comes back as it was written, whatever is in it',
    breaks: (store) => ({ replace: (command) => store.replace({ ...command, body: command.body.trim() }) }),
  },
  'does not touch': {
    finds: 'touch keeps a session alive for as long again',
    breaks: () => ({ touch: async () => true }),
  },
  'does not write': {
    finds: 'replace swaps the body and counts the revision up',
    breaks: (store) => ({
      replace: async (command) => {
        const session = await store.read(command);
        return isSession(session) ? { status: 'done', session } : { status: 'not-found' };
      },
    }),
  },
  'touches every session of the key': {
    finds: 'replace leaves the other sessions as they are',
    breaks: (store) => {
      const hashes = new Set<string>();
      const touchAll = async <Answer>(key: string, answer: Promise<Answer>): Promise<Answer> => {
        const settled = await answer;
        for (const hash of hashes) await store.touch({ key, hash });
        return settled;
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
