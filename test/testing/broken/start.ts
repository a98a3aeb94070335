import { randomUUID } from 'node:crypto';
import { type BrokenStores, hourMs, noLimit } from './broken-store.ts';

export const brokenStart: BrokenStores = {
  'overwrites on start': {
    failsCase: 'start at a hash in use is taken and changes nothing',
    override: (store) => ({
      start: async (command) => {
        await store.destroy(command);
        return store.start(command);
      },
    }),
  },
  'does not recognize a repeated start': {
    failsCase: 'a repeated start is done and changes nothing',
    override: (store) => ({ start: (command) => store.start({ ...command, nonce: randomUUID() }) }),
  },
  'refuses a repeated start at the limit': {
    failsCase: 'a limit that refuses does not refuse the repetition of a start that was done',
    override: (store) => ({
      start: async (command) => {
        const { max, whenFull } = command.limit;
        const live = await store.list(command.key);
        return whenFull === 'refuse' && live.length >= max ? { status: 'full' } : store.start(command);
      },
    }),
  },
  'counts the replaced session': {
    failsCase: 'a limit that refuses does not count the replaced session',
    override: (store) => ({
      start: async (command) => {
        if (command.replaces === undefined) return store.start(command);
        const limit = { ...command.limit, max: Math.max(0, command.limit.max - 1) };
        return store.start({ ...command, limit });
      },
    }),
  },
  'ignores the limit': {
    failsCase: 'start is full at a limit that refuses, and changes nothing',
    override: (store) => ({ start: (command) => store.start({ ...command, limit: noLimit }) }),
  },
  'evicts the newest session': {
    failsCase: 'start at a limit that evicts ends the oldest session',
    override: (store) => ({
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
  'removes the session to replace when the limit refuses': {
    failsCase: 'start that is full does not remove the session to replace',
    override: (store) => ({
      start: async (command) => {
        const result = await store.start(command);
        if (command.replaces && result.status === 'full') await store.destroy({ ...command, ...command.replaces });
        return result;
      },
    }),
  },
  'keeps the replaced session': {
    failsCase: 'start removes the session that it replaces',
    override: (store) => ({ start: ({ replaces: _, ...command }) => store.start(command) }),
  },
  'replaces a session at any revision': {
    failsCase: 'start conflicts if the session to replace is at another revision, and changes nothing',
    override: (store) => ({
      start: ({ replaces, ...command }) =>
        store.start(replaces ? { ...command, replaces: { hash: replaces.hash } } : command),
    }),
  },
  'conflicts if the session to replace is missing': {
    failsCase: 'start without a revision is done if the session to replace does not exist',
    override: (store) => ({
      start: async (command) => {
        const { replaces, key } = command;
        if (replaces && (await store.read({ key, ...replaces })) === null) return { status: 'conflict' };
        return store.start(command);
      },
    }),
  },
  'counts revisions from 0': {
    failsCase: 'start adds a session at revision 1 with the given id, summary and body',
    override: (store) => ({
      start: async (command) => {
        const result = await store.start(command);
        return result.status === 'done' ? { ...result, session: { ...result.session, revision: 0 } } : result;
      },
    }),
  },
  'ignores lifetimeMs': {
    failsCase: 'start sets all times to now, and the deadline to now plus lifetimeMs',
    override: (store) => ({ start: (command) => store.start({ ...command, lifetimeMs: 12 * hourMs }) }),
  },
  'cuts long bodies': {
    failsCase: 'a body of 64 KiB is returned whole',
    override: (store) => ({ start: (command) => store.start({ ...command, body: command.body.slice(0, 16_384) }) }),
  },
};
