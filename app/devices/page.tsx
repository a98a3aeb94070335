import type { Metadata } from 'next';
import { Suspense } from 'react';
import { Placeholder } from '../_components/placeholder';
import { deviceLabel } from '../device-label';
import { requireSession } from '../session-server';
import { DeviceList } from './device-list';

export const metadata: Metadata = { title: 'Devices' };

export default function DevicesPage() {
  return (
    <Suspense fallback={<Placeholder />}>
      <Devices />
    </Suspense>
  );
}

async function Devices() {
  const session = await requireSession();
  const devices = await session.list();
  // One command to Redis, however many there are. The list holds no token and nothing that could become one.
  const entries = devices.map(({ device, ...entry }) => ({ ...entry, label: deviceLabel(device) }));
  return (
    <>
      <header className="opening">
        <h1>Where you are signed in</h1>
        <p className="lead">
          Every session of yours, by its public id. Ending one takes effect with the next request that it makes.
        </p>
      </header>
      <DeviceList entries={entries} now={Date.now()} />
    </>
  );
}
