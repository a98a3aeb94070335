'use client';

import { useSession } from '../session-client';

export function AlreadySignedIn() {
  const session = useSession();
  if (session.status !== 'authenticated') return null;
  return (
    <p className="lead">
      You are signed in as {session.data.name}. Signing in again ends that session and starts another.
    </p>
  );
}
