'use client';

import Link from 'next/link';
import { useSession } from '../session-client';

/** The links below the headline of the home page. The first one depends on the session. */
export function HomeLinks() {
  // While that is unknown, the dashboard: it sends signed-out visitors to the sign-in page.
  const isSignedOut = useSession((session) => session.status === 'unauthenticated');
  return (
    <p className="actions">
      <Link className="button" href={isSignedOut ? '/sign-in' : '/dashboard'}>
        {isSignedOut ? 'Sign in' : 'Open the dashboard'}
      </Link>
      <a href="#source">See the code</a>
    </p>
  );
}
