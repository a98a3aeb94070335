import { type Context, useContext } from 'react';
import type { SessionSource } from './source.ts';
import type { ViewStore } from './view-store.ts';

/** What a provider passes to the hooks below it. */
export interface ProviderConnection<View, Patch> {
  readonly store: ViewStore<View, Patch>;
  readonly source: SessionSource<View>;
}

export type ProviderContext<View, Patch> = Context<ProviderConnection<View, Patch> | null>;

/** @throws Error if no provider is above the component. */
export function useConnection<View, Patch>(
  context: ProviderContext<View, Patch>,
  hook: string,
): ProviderConnection<View, Patch> {
  const connection = useContext(context);
  if (connection) return connection;
  throw new Error(
    `${hook}() was called outside of its <SessionProvider>. Render <SessionProvider session={...} client={...}> above ` +
      'this component, and take both from the same createReactSession().',
  );
}
