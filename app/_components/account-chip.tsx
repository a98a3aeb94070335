'use client';

import Link from 'next/link';
import { signOut } from '../actions';
import { useSession } from '../session-client';

/** Who is signed in, as far as this browser knows. Signing out is a plain form: it works without JavaScript too. */
export function AccountChip() {
  const session = useSession();
  if (session.status === 'loading') return <div className="account-chip" aria-busy="true" />;
  if (session.status === 'unavailable') return <div className="account-chip">Sessions cannot be reached</div>;
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
