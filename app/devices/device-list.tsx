'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { Moment } from '../_components/moment';
import { trpc } from '../trpc-client';
import { describeError } from '../trpc-error';

interface Entry {
  readonly id: string;
  readonly label: string;
  readonly current: boolean;
  readonly createdAt: number;
  readonly lastSeenAt: number;
}

interface DeviceListProps {
  readonly entries: readonly Entry[];
  readonly now: number;
}

export function DeviceList({ entries, now }: DeviceListProps) {
  const router = useRouter();
  const [error, setError] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  /** Ends something, then has the server draw the list anew. */
  const end = (call: () => Promise<unknown>) =>
    startTransition(async () => {
      setError(null);
      try {
        await call();
      } catch (thrown) {
        setError(describeError(thrown).message);
      }
      router.refresh();
    });

  return (
    <div className="section-content">
      <ul className="rows">
        {entries.map((entry) => (
          <DeviceRow
            key={entry.id}
            entry={entry}
            now={now}
            isPending={isPending}
            onEnd={() => end(() => trpc.session.revoke.mutate({ id: entry.id }))}
          />
        ))}
      </ul>
      <p className={error ? 'message bad' : 'visually-hidden'} role="alert">
        {error}
      </p>
      <EndOthers
        others={entries.filter((entry) => !entry.current).length}
        isPending={isPending}
        onEnd={() => end(() => trpc.session.revokeOthers.mutate())}
      />
    </div>
  );
}

interface DeviceRowProps {
  readonly entry: Entry;
  readonly now: number;
  readonly isPending: boolean;
  readonly onEnd: () => void;
}

function DeviceRow({ entry: { id, label, current, createdAt, lastSeenAt }, now, isPending, onEnd }: DeviceRowProps) {
  return (
    <li className="entry">
      <div>
        <strong>{label}</strong> {current && <span className="tag">this browser</span>}
        <p>
          Signed in <Moment at={createdAt} now={now} />, last seen <Moment at={lastSeenAt} now={now} />
        </p>
        <p>
          <code>{id}</code>
        </p>
      </div>
      {!current && (
        <button className="button quiet" type="button" disabled={isPending} onClick={onEnd}>
          End<span className="visually-hidden"> the session on {label}</span>
        </button>
      )}
    </li>
  );
}

interface EndOthersProps {
  readonly others: number;
  readonly isPending: boolean;
  readonly onEnd: () => void;
}

function EndOthers({ others, isPending, onEnd }: EndOthersProps) {
  if (others === 0)
    return <p className="note">This is the only one. Sign in with another browser, and it appears here.</p>;
  return (
    <button className="button" type="button" disabled={isPending} onClick={onEnd}>
      End the other {others === 1 ? 'session' : `${others} sessions`}
    </button>
  );
}
