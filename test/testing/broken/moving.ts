import { randomUUID } from 'node:crypto';
import { type BrokenStores, endless, longMs } from './broken-store.ts';

export const brokenMoves: BrokenStores = {
  'does not find what has moved when it is to be destroyed': {
    finds: 'destroy at the hash before a regeneration removes the session and no other',
    breaks: (store) => ({
      destroy: async (at, revision) => ((await store.read(at)) ? store.destroy(at, revision) : { status: 'not-found' }),
    }),
  },
  'does not find what has moved when it is to be replaced': {
    finds: 'start removes the replaced session by the hash before its regeneration',
    breaks: (store) => ({
      start: async ({ replaces, ...command }) =>
        replaces && (await store.read({ key: command.key, hash: replaces.hash }))
          ? store.start({ ...command, replaces })
          : store.start(replaces?.revision === undefined ? command : { ...command, replaces }),
    }),
  },
  'forgets with a write where a session was': {
    finds: 'destroy at the hash before a regeneration still works after a replace',
    breaks: (store) => {
      const written = new Set<string>();
      return {
        replace: async (command) => {
          written.add(command.key);
          return store.replace(command);
        },
        destroy: async (at, revision) =>
          (await store.read(at)) || !written.has(at.key) ? store.destroy(at, revision) : { status: 'not-found' },
      };
    },
  },
  'ends what has moved whatever its revision': {
    finds: 'destroy at the hash before a regeneration conflicts with the revision before it',
    breaks: (store) => ({
      destroy: async (at, revision) => store.destroy(at, (await store.read(at)) ? revision : undefined),
    }),
  },
  'does not know a repeated regenerate': {
    finds: 'a regenerate repeated is done and changes nothing',
    breaks: (store) => ({ regenerate: (command) => store.regenerate({ ...command, nonce: randomUUID() }) }),
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
};
