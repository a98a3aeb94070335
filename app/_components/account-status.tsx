'use client';

import Link from 'next/link';
import { signOut } from '../actions';
import { useSession } from '../session-client';

/** The right end of the header: the user and a sign-out button, or a link to sign in. */
export function AccountStatus() {
  const { status, data, error } = useSession();
  return (
    <div className="account-status" aria-busy={status === 'loading'}>
      {/* An outage signs no user out, so everything else stays. */}
      {error && <span role="status">Reconnecting…</span>}
      {status === 'unauthenticated' && <Link href="/sign-in">Sign in</Link>}
      {status === 'authenticated' && (
        // A form with a server action also works without JavaScript.
        <form action={signOut}>
          <span>{data.name}</span>
          <button className="link-button" type="submit">
            Sign out
          </button>
        </form>
      )}
    </div>
  );
}
