import type { Metadata } from 'next';
import { basePath } from '../base-path';
import { ApiReference } from './api-reference';

export const metadata: Metadata = { title: 'API' };

export default function DocsPage() {
  return (
    <>
      <header className="page-header">
        <h1>API</h1>
        <p className="lead">
          Every procedure of this app, and whether it needs a session. To call one, open it, then press “Try it out” and
          “Execute”. If you are signed in, your browser sends the cookie.
        </p>
        <p className="actions">
          <a href={`${basePath}/api/openapi.json`}>OpenAPI document</a>
        </p>
      </header>
      <ApiReference />
    </>
  );
}
