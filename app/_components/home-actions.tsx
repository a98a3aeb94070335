'use client';

import Link from 'next/link';
import { useSession } from '../session-client';

export function HomeActions() {
  const { status } = useSession();
  const isSignedIn = status === 'authenticated';
  return (
    <p className="actions">
      <Link className="button" href={isSignedIn ? '/dashboard' : '/sign-in'}>
        {isSignedIn ? 'Open the dashboard' : 'Sign in'}
      </Link>
      <a href="#source">Read the code</a>
    </p>
  );
}
