import type { BrokenStores } from './broken-store.ts';

export const brokenWatch: BrokenStores = {
  'calls no listener': {
    failsCase: 'touch calls the listeners of its key',
    override: () => ({ watch: () => () => {} }),
  },
  'calls a listener after its watch has ended': {
    failsCase: 'a listener is not called after its watch has ended',
    override: (store) => ({
      watch: (key, listener) => {
        store.watch?.(key, listener);
        return () => {};
      },
    }),
  },
  'calls the listeners of every key': {
    failsCase: 'a listener is not called for another key',
    override: (store) => {
      const listeners = new Set<() => void>();
      return {
        watch: (_key, listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        replace: (command) => {
          for (const listener of listeners) listener();
          return store.replace(command);
        },
      };
    },
  },
};
