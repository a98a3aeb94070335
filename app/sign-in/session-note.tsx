'use client';

import type { SessionEnding } from 'trpc-session';
import { useSuspenseSession } from '../session-client';

/** Users who signed out themselves need no explanation. */
const explanations: Partial<Record<SessionEnding, string>> = {
  evicted: 'You were signed out because you signed in on another device.',
  revoked: 'You were signed out from another device.',
};

/** Says why the user was signed out, or that the user is still signed in. */
export function SessionNote() {
  const session = useSuspenseSession();
  if (session.status === 'authenticated') {
    return (
      <p className="lead">
        You are signed in as {session.data.name}. If you sign in again, a new session replaces this one.
      </p>
    );
  }
  const explanation = session.status === 'unauthenticated' && session.ended && explanations[session.ended];
  return explanation ? <p className="lead">{explanation}</p> : null;
}
