import { randomUUID } from 'node:crypto';
import { type BrokenStores, endless, longMs } from './broken-store.ts';

export const brokenStarts: BrokenStores = {
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
  'needs what it replaces': {
    finds: 'start without a revision replaces a session that is gone',
    breaks: (store) => ({
      start: async (command) => {
        const { replaces, key } = command;
        if (replaces && (await store.read({ key, ...replaces })) === null) return { status: 'conflict' };
        return store.start(command);
      },
    }),
  },
  'counts revisions from 0': {
    finds: 'start adds a session at revision 1 with the id and body given',
    breaks: (store) => ({
      start: async (command) => {
        const result = await store.start(command);
        return result.status === 'done' ? { ...result, session: { ...result.session, revision: 0 } } : result;
      },
    }),
  },
  'has a lifetime of its own': {
    finds: 'start stamps a session with one time, and counts its deadline from there',
    breaks: (store) => ({ start: (command) => store.start({ ...command, lifetimeMs: 12 * longMs }) }),
  },
  'cuts long bodies': {
    finds: 'a body of 64 KiB comes back whole',
    breaks: (store) => ({ start: (command) => store.start({ ...command, body: command.body.slice(0, 16_384) }) }),
  },
};
