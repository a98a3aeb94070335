'use client';

import { useEffect, useRef, useState } from 'react';
import { useSession } from '../session-client';
import type { Reference } from './load-reference';

/** The API reference, in which procedures can be called. The calls carry the cookie of this browser. */
export function ApiReference() {
  const container = useRef<HTMLDivElement>(null);
  const session = useSession();
  const [reference, setReference] = useState<Reference | 'failed' | null>(null);

  useEffect(() => {
    const load = async () => {
      // Swagger UI is large, so only this page loads it.
      const { loadReference } = await import('./load-reference');
      setReference(await loadReference());
    };
    load().catch(() => setReference('failed'));
  }, []);

  useEffect(() => {
    if (!reference || reference === 'failed') return;
    reference.onSessionChange(session);
    // Appended only once: an element that is moved loses its focus.
    if (!container.current?.contains(reference.element)) container.current?.append(reference.element);
  }, [reference, session]);

  return (
    <div className="reference-place">
      {reference === null && <div className="placeholder" aria-busy="true" />}
      <noscript>
        <p className="message">The API reference needs JavaScript. The OpenAPI document above does not.</p>
      </noscript>
      {reference === 'failed' && (
        <p className="message error">The API reference could not be loaded. Reload the page.</p>
      )}
      <div ref={container} className="reference" />
    </div>
  );
}
