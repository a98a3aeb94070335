import swaggerUi from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import type { OpenApiDocument } from 'trpc-session/openapi';
import type { SessionState } from 'trpc-session/react';
import { basePath } from '../base-path';
import type { AppSession } from '../session';
import { addSummaries } from './add-summaries';
import { ShownResponses } from './shown-responses';
import { createLayoutPlugin } from './swagger-ui-layout';
import '../styles/reference.css';
import '../styles/reference-operation.css';

/** Swagger UI with the OpenAPI document of this app. */
export interface Reference {
  /** The element to put on the page. */
  readonly element: HTMLElement;
  /** Call this whenever the session changes. */
  onSessionChange(session: SessionState<AppSession['view']>): void;
}

let loaded: Promise<Reference> | undefined;

/**
 * Loads the reference once per page load. It keeps its state when React renders the page again, for example after
 * `auth.signIn` was executed in it.
 */
export function loadReference(): Promise<Reference> {
  loaded ??= createReference().catch((error) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function createReference(): Promise<Reference> {
  const spec = addSummaries(await fetchDocument());
  const responses = new ShownResponses();
  const element = document.createElement('div');
  const system = swaggerUi({
    domNode: element,
    spec,
    layout: 'Reference',
    plugins: [createLayoutPlugin, responses.plugin],
    // By default Swagger UI sends the document to a validator on another server, and adds its own colours.
    validatorUrl: null,
    syntaxHighlight: false,
  });
  return { element, onSessionChange: (session) => responses.update(session, system) };
}

async function fetchDocument(): Promise<OpenApiDocument> {
  const response = await fetch(`${basePath}/api/openapi.json`);
  if (!response.ok) throw new Error(`The OpenAPI document could not be loaded: ${response.status}`);
  return response.json();
}
