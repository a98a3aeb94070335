import type { Plugin, System } from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import type { useSession } from '../session-client';

type Session = ReturnType<typeof useSession>;

/** Whose answers the reference shows. They are forgotten when somebody else, or nobody, is signed in. */
export class Answers {
  #shownTo: string | null = null;
  #lastMutation: string | null = null;
  #look: () => Promise<void> = async () => {};

  /** Swagger UI tells of every answer. After a mutation the session may be another one, so the page looks. */
  readonly plugin = (): Plugin => ({
    statePlugins: {
      spec: {
        wrapActions: {
          setResponse: (original) => (path, method, response) => {
            const action = original(path, method, response);
            if (method !== 'get') this.#noteMutation(path);
            return action;
          },
        },
      },
    },
  });

  follow({ status, id, refetch }: Session, system: System): void {
    this.#look = refetch;
    if (status !== 'authenticated' && status !== 'unauthenticated') return;
    if (id !== this.#shownTo) this.#forget(system);
    this.#shownTo = id;
    this.#lastMutation = null;
  }

  #noteMutation(path: string): void {
    this.#lastMutation = path;
    void this.#look();
  }

  /** All but the answer to what brought the change about: it is for whoever is here now. */
  #forget({ specSelectors, specActions }: System): void {
    for (const [path, byMethod] of specSelectors.responses()) {
      for (const [method] of byMethod) if (path !== this.#lastMutation) specActions.clearResponse(path, method);
    }
  }
}
