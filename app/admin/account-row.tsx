'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { Moment } from '../_components/moment';
import type { AccountOverview } from '../server/routers/admin';
import { trpc } from '../trpc-client';
import { describeError } from '../trpc-error';

interface AccountRowProps {
  readonly account: AccountOverview;
  readonly now: number;
}

export function AccountRow({ account: { userId, name, role, sessions, lastSeenAt }, now }: AccountRowProps) {
  const router = useRouter();
  const [error, setError] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();
  const signOut = () =>
    startTransition(async () => {
      try {
        await trpc.admin.signOutEverywhere.mutate({ userId });
        router.refresh();
      } catch (thrown) {
        setError(describeError(thrown).message);
      }
    });
  return (
    <li className="entry">
      <div>
        <strong>{name}</strong>
        <p>
          {role}, {sessions === 0 ? 'not signed in' : sessions === 1 ? '1 session' : `${sessions} sessions`}
          {lastSeenAt !== null && (
            <>
              , last seen <Moment at={lastSeenAt} now={now} />
            </>
          )}
        </p>
        {error && (
          <p className="message bad" role="alert">
            {error}
          </p>
        )}
      </div>
      {sessions > 0 && (
        <button className="button quiet" type="button" disabled={isPending} onClick={signOut}>
          Sign out everywhere<span className="visually-hidden">: {name}</span>
        </button>
      )}
    </li>
  );
}
