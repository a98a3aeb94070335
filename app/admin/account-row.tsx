'use client';

import { useRouter } from 'next/navigation';
import { TimeAgo } from '../_components/time-ago';
import type { AccountOverview } from '../server/routers/admin';
import { trpc } from '../trpc-client';
import { useCall } from '../use-call';

interface AccountRowProps {
  readonly account: AccountOverview;
  /** The server's time when it rendered the page. */
  readonly now: number;
}

/** One account in the list of the admin page, with a button that signs its user out on every device. */
export function AccountRow({ account: { userId, name, role, sessions, lastSeenAt }, now }: AccountRowProps) {
  const router = useRouter();
  const { isPending, error, run } = useCall();
  const signOutEverywhere = () => run(() => trpc.admin.signOutEverywhere.mutate({ userId }), router.refresh);
  return (
    <li className="entry">
      <div>
        <strong>{name}</strong>
        <p>
          {role}, {sessions === 0 ? 'signed out' : sessions === 1 ? '1 session' : `${sessions} sessions`}
          {lastSeenAt !== null && (
            <>
              , last active <TimeAgo at={lastSeenAt} now={now} />
            </>
          )}
        </p>
        {error && (
          <p className="message error" role="alert">
            {error.message}
          </p>
        )}
      </div>
      {sessions > 0 && (
        <button className="button quiet" type="button" disabled={isPending} onClick={signOutEverywhere}>
          Sign out everywhere<span className="visually-hidden">: {name}</span>
        </button>
      )}
    </li>
  );
}
