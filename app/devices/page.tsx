import type { Metadata } from 'next';
import { describeDevice } from '../describe-device';
import { requireSession } from '../session-server';
import { DeviceList } from './device-list';

export const metadata: Metadata = { title: 'Devices' };

// Sent complete after the guard, as app/dashboard/page.tsx explains.
export const instant = false;

export default async function DevicesPage() {
  const session = await requireSession();
  // One Redis command, no matter how many sessions there are. The list contains no tokens.
  const list = await session.list();
  const devices = list.map(({ device, ...info }) => ({ ...info, label: describeDevice(device) }));
  return (
    <>
      <header className="page-header">
        <h1>Devices</h1>
        <p className="lead">
          These devices are signed in to your account. If you sign a device out, its next request is refused.
        </p>
      </header>
      <DeviceList devices={devices} now={Date.now()} />
    </>
  );
}
