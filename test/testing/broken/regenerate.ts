import { randomUUID } from 'node:crypto';
import { type BrokenStores, hourMs, noLimit } from './broken-store.ts';

export const brokenRegenerate: BrokenStores = {
  'does not destroy a session at its previous hash': {
    failsCase: 'destroy at the hash before a regeneration removes the session and no other',
    override: (store) => ({
      destroy: async (at, revision) => ((await store.read(at)) ? store.destroy(at, revision) : { status: 'not-found' }),
    }),
  },
  'does not replace a session at its previous hash': {
    failsCase: 'start removes the replaced session by its hash before a regeneration',
    override: (store) => ({
      start: async ({ replaces, ...command }) =>
        replaces && (await store.read({ key: command.key, hash: replaces.hash }))
          ? store.start({ ...command, replaces })
          : store.start(replaces?.revision === undefined ? command : { ...command, replaces }),
    }),
  },
  'forgets the previous hash after a replace': {
    failsCase: 'destroy at the hash before a regeneration still works after a replace',
    override: (store) => {
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
  'ignores the revision at a previous hash': {
    failsCase: 'destroy at the hash and revision before a regeneration conflicts',
    override: (store) => ({
      destroy: async (at, revision) => store.destroy(at, (await store.read(at)) ? revision : undefined),
    }),
  },
  'does not recognize a repeated regenerate': {
    failsCase: 'a repeated regenerate is done and changes nothing',
    override: (store) => ({ regenerate: (command) => store.regenerate({ ...command, nonce: randomUUID() }) }),
  },
  'keeps the old hash after regenerate': {
    failsCase: 'the old hash opens nothing after regenerate',
    override: (store) => ({
      regenerate: async (command) => {
        const result = await store.regenerate(command);
        if (result.status !== 'done') return result;
        const { id, summary, body, idleMs } = result.session;
        const terms = { idleMs, lifetimeMs: hourMs, limit: noLimit };
        const again = { ...command, nonce: randomUUID(), id, summary, body, ...terms };
        await store.start(again);
        return result;
      },
    }),
  },
  'does not renew on regenerate': {
    failsCase: 'regenerate with renewMs restarts both clocks and keeps createdAt',
    override: (store) => ({ regenerate: ({ renewMs: _, ...command }) => store.regenerate(command) }),
  },
  'renews on every regenerate': {
    failsCase: 'regenerate keeps body, id and clocks, and adds 1 to the revision',
    override: (store) => ({ regenerate: (command) => store.regenerate({ renewMs: hourMs, ...command }) }),
  },
  'moves a session over another': {
    failsCase: 'regenerate to the hash of another session is taken and changes nothing',
    override: (store) => ({
      regenerate: async (command) => {
        const result = await store.regenerate(command);
        if (result.status !== 'taken') return result;
        await store.destroy({ key: command.key, hash: command.newHash });
        return store.regenerate(command);
      },
    }),
  },
};
