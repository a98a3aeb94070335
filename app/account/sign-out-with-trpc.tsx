'use client';

import { basePath } from '../base-path';
import { parseTrpcError } from '../parse-trpc-error';
import { useSignOut } from '../session-client';

/** Signs out with the tRPC mutation `session.destroy`. The button in the header uses a server action instead; most apps need only one. */
export function SignOutWithTrpc() {
  const { signOut, isPending, error } = useSignOut();
  const leave = async () => {
    try {
      await signOut();
      // A full page load, so that the router's cache keeps nothing of this user.
      window.location.assign(`${basePath}/`);
    } catch {
      // The sign-out is not confirmed, so the user stays signed in and can try again. `error` has the reason.
    }
  };
  return (
    <section className="section" aria-labelledby="sign-out">
      <h2 id="sign-out">Sign out</h2>
      <div className="section-content">
        <p>The session ends on the server first, then the cookie is cleared. No pending request can bring it back.</p>
        <button className="button quiet" type="button" disabled={isPending} onClick={leave}>
          Sign out with a tRPC mutation
        </button>
        {error !== null && (
          <p className="message error" role="alert">
            {parseTrpcError(error).message}
          </p>
        )}
      </div>
    </section>
  );
}
