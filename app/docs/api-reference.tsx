'use client';

import { useEffect, useRef, useState } from 'react';
import { Placeholder } from '../_components/placeholder';
import { useSession } from '../session-client';
import type { Reference } from './reference';

/** The reference, where things can be tried. What is executed here goes out with this browser's own cookie. */
export function ApiReference() {
  const place = useRef<HTMLDivElement>(null);
  const session = useSession();
  const [reference, setReference] = useState<Reference | 'failed' | null>(null);

  useEffect(() => {
    const show = async () => {
      // It is big: loaded by those who come here, and not before.
      const { openReference } = await import('./reference');
      setReference(await openReference());
    };
    show().catch(() => setReference('failed'));
  }, []);

  useEffect(() => {
    if (!reference || reference === 'failed') return;
    reference.follow(session);
    // Once: an element that is moved loses its focus.
    if (!place.current?.contains(reference.element)) place.current?.append(reference.element);
  }, [reference, session]);

  return (
    <>
      {reference === null && <Placeholder />}
      {reference === 'failed' && <p className="message bad">The reference could not be loaded. Load the page again.</p>}
      <div ref={place} className="reference" />
    </>
  );
}
