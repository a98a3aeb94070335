'use client';

import Link from 'next/link';
import { useSession } from '../session-client';

/** The links below the headline of the home page. The first one depends on the session. */
export function HomeLinks() {
  const { status } = useSession();
  const isSignedIn = status === 'authenticated';
  return (
    <p className="actions">
      <Link className="button" href={isSignedIn ? '/dashboard' : '/sign-in'}>
        {isSignedIn ? 'Open the dashboard' : 'Sign in'}
      </Link>
      <a href="#source">See the code</a>
    </p>
  );
}
