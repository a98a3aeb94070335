import type { Metadata } from 'next';
import { ApiReference } from './api-reference';

export const metadata: Metadata = { title: 'API' };

export default function DocsPage() {
  return (
    <>
      <header className="opening">
        <h1>The API</h1>
        <p className="lead">
          Every procedure of this app, as its router describes itself, and whether it needs a session, as its guard
          does. Open one, press “Try it out” and “Execute”. Sign in on this site; the browser sends the cookie.
        </p>
        <p className="actions">
          <a href="/api/openapi.json">The OpenAPI document</a>
        </p>
      </header>
      <ApiReference />
    </>
  );
}
