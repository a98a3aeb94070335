'use client';

import { useRouter } from 'next/navigation';
import { TimeAgo } from '../_components/time-ago';
import { trpc } from '../trpc-client';
import { useCall } from '../use-call';

/** One session of the user, with a name for its device. */
interface Device {
  readonly id: string;
  readonly label: string;
  readonly current: boolean;
  readonly createdAt: number;
  readonly lastSeenAt: number;
}

interface DeviceListProps {
  readonly devices: readonly Device[];
  /** The server's time when it rendered the page. */
  readonly now: number;
}

/** The devices that are signed in. Signs out one of them, or all except this one. */
export function DeviceList({ devices, now }: DeviceListProps) {
  const router = useRouter();
  const { isPending, error, run } = useCall();
  /** Makes the call, then fetches the list again from the server. After an error too: another device may have been faster. */
  const runAndRefresh = (call: () => Promise<unknown>) => run(() => call().finally(router.refresh));

  return (
    <div className="section-content">
      <ul className="rows">
        {devices.map((device) => (
          <DeviceRow
            key={device.id}
            device={device}
            now={now}
            isPending={isPending}
            onSignOut={() => runAndRefresh(() => trpc.session.revoke.mutate({ id: device.id }))}
          />
        ))}
      </ul>
      <p className={error ? 'message error' : 'visually-hidden'} role="alert">
        {error?.message}
      </p>
      <SignOutOthers
        hasOthers={devices.some((device) => !device.current)}
        isPending={isPending}
        onSignOut={() => runAndRefresh(() => trpc.session.revokeOthers.mutate())}
      />
    </div>
  );
}

interface DeviceRowProps {
  readonly device: Device;
  readonly now: number;
  readonly isPending: boolean;
  readonly onSignOut: () => void;
}

function DeviceRow({ device, now, isPending, onSignOut }: DeviceRowProps) {
  const { id, label, current, createdAt, lastSeenAt } = device;
  return (
    <li className="entry">
      <div>
        <strong>{label}</strong> {current && <span className="tag">This device</span>}
        <p>
          Signed in <TimeAgo at={createdAt} now={now} />, last active <TimeAgo at={lastSeenAt} now={now} />
        </p>
        <p>
          <code>{id}</code>
        </p>
      </div>
      {!current && (
        <button className="button quiet" type="button" disabled={isPending} onClick={onSignOut}>
          Sign out<span className="visually-hidden"> {label}</span>
        </button>
      )}
    </li>
  );
}

interface SignOutOthersProps {
  readonly hasOthers: boolean;
  readonly isPending: boolean;
  readonly onSignOut: () => void;
}

function SignOutOthers({ hasOthers, isPending, onSignOut }: SignOutOthersProps) {
  if (!hasOthers) {
    return <p className="note">No other device is signed in. Sign in with another browser, and it appears here.</p>;
  }
  return (
    <button className="button" type="button" disabled={isPending} onClick={onSignOut}>
      Sign out everywhere else
    </button>
  );
}
