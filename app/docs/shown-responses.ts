import type { Plugin, System } from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import type { SessionState } from 'trpc-session/react';
import type { AppSession } from '../session';

/**
 * The responses that Swagger UI shows on the page. It removes them when another user signs in or the user signs out, so
 * that no user sees the data of another.
 */
export class ShownResponses {
  #sessionId: string | null = null;
  #lastMutation: string | null = null;
  #refetch: () => Promise<void> = async () => {};

  /** Swagger UI calls this with every response. A mutation may have changed the session, so the page refetches it. */
  readonly plugin = (): Plugin => ({
    statePlugins: {
      spec: {
        wrapActions: {
          setResponse: (original) => (path, method, response) => {
            const action = original(path, method, response);
            if (method !== 'get') this.#onMutation(path);
            return action;
          },
        },
      },
    },
  });

  /** Call this whenever the session changes. */
  update({ status, id, refetch }: SessionState<AppSession['view']>, system: System): void {
    this.#refetch = refetch;
    if (status !== 'authenticated' && status !== 'unauthenticated') return;
    if (id !== this.#sessionId) this.#clear(system);
    this.#sessionId = id;
    this.#lastMutation = null;
  }

  #onMutation(path: string): void {
    this.#lastMutation = path;
    void this.#refetch();
  }

  /** Keeps the response of the last mutation: it changed the session, so it belongs to the current user. */
  #clear({ specSelectors, specActions }: System): void {
    for (const [path, byMethod] of specSelectors.responses()) {
      for (const [method] of byMethod) if (path !== this.#lastMutation) specActions.clearResponse(path, method);
    }
  }
}
