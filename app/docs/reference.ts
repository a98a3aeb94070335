import swaggerUi from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import type { OpenApiDocument } from 'trpc-session/openapi';
import type { useSession } from '../session-client';
import { Answers } from './answers';
import { referenceParts } from './reference-parts';
import { withSummaries } from './summaries';
import '../styles/reference.css';
import '../styles/reference-operation.css';

/** Swagger UI over this app's own document. */
export interface Reference {
  /** Where it is drawn. */
  readonly element: HTMLElement;
  /** Wants to be told of every change in who is signed in. */
  follow(session: ReturnType<typeof useSession>): void;
}

let opened: Promise<Reference> | undefined;

/**
 * One for the life of the page, so that it stays as it is when React draws the page anew: executing `auth.signIn` does
 * that.
 */
export function openReference(): Promise<Reference> {
  opened ??= create().catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function create(): Promise<Reference> {
  const spec = withSummaries(await fetchDocument());
  const answers = new Answers();
  const element = document.createElement('div');
  const system = swaggerUi({
    domNode: element,
    spec,
    layout: 'Reference',
    plugins: [referenceParts, answers.plugin],
    // Left alone they would ask a server elsewhere, and paint in colours of their own.
    validatorUrl: null,
    syntaxHighlight: false,
  });
  return { element, follow: (session) => answers.follow(session, system) };
}

async function fetchDocument(): Promise<OpenApiDocument> {
  const response = await fetch('/api/openapi.json');
  if (!response.ok) throw new Error(`The document cannot be had: ${response.status}`);
  return response.json();
}
