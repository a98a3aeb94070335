'use client';

import Link from 'next/link';
import { signOut } from '../actions';
import { useSession } from '../session-client';

/** Who is signed in, as far as this browser knows. Signing out is a plain form: it works without JavaScript too. */
export function AccountChip() {
  const session = useSession();
  if (session.status === 'loading') return <div className="account-chip" aria-busy="true" />;
  if (session.status === 'unavailable') {
    // Nobody was signed out: who it was last is still who it is.
    return (
      <div className="account-chip">
        {session.data && <span>{session.data.name}</span>}
        <span>Sessions cannot be reached</span>
      </div>
    );
  }
  if (session.status === 'unauthenticated') {
    return (
      <div className="account-chip">
        <Link href="/sign-in">Sign in</Link>
      </div>
    );
  }
  return (
    <form className="account-chip" action={signOut}>
      <span>{session.data.name}</span>
      <button className="link-button" type="submit">
        Sign out
      </button>
    </form>
  );
}
