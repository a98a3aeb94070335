'use client';

import { useSession } from '../session-client';

/** A note for users who open the sign-in page while they are signed in. */
export function AlreadySignedIn() {
  const session = useSession();
  if (session.status !== 'authenticated') return null;
  return (
    <p className="lead">
      You are signed in as {session.data.name}. If you sign in again, a new session replaces this one.
    </p>
  );
}
