import { type Context, useContext } from 'react';
import type { ViewStore } from './view-store.ts';

/** Passes the store of a provider to the hooks below it. The value never changes, so it renders no component again. */
export type ProviderContext<View, Patch> = Context<ViewStore<View, Patch> | null>;

/** @throws Error if no provider is above the component. */
export function useStore<View, Patch>(context: ProviderContext<View, Patch>, hook: string): ViewStore<View, Patch> {
  const store = useContext(context);
  if (store) return store;
  throw new Error(`${hook}() was called outside of its <SessionProvider>. Render <SessionProvider>.`);
}
