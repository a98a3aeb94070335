import type { Metadata } from 'next';
import { Suspense } from 'react';
import { Fact } from '../_components/fact';
import { LiveTicket } from '../_components/live-ticket';
import { Moment } from '../_components/moment';
import { Placeholder } from '../_components/placeholder';
import { deviceLabel } from '../device-label';
import { requireSession } from '../session-server';
import { AskTheApi } from './ask-the-api';

export const metadata: Metadata = { title: 'Dashboard' };

/**
 * The shell below is the same for everybody and is prerendered; it says nothing that a stranger may not read. All that is
 * somebody's stands behind the guard, inside the boundary.
 */
export default function DashboardPage() {
  return (
    <Suspense fallback={<Placeholder />}>
      <Dashboard />
    </Suspense>
  );
}

async function Dashboard() {
  const { data, device, createdAt, lastSeenAt } = await requireSession();
  const now = Date.now();
  return (
    <>
      <header className="opening">
        <h1>Hello, {data.name.split(' ')[0]}.</h1>
        <p className="lead">This page was drawn on the server, for you, after your session had been looked up.</p>
      </header>
      <LiveTicket />
      <section className="section" aria-labelledby="record">
        <div className="section-title">
          <h2 id="record">What the server knows</h2>
          <p className="note">The whole record. The view above is the part of it that the browser is shown.</p>
        </div>
        <dl className="facts">
          <Fact term="Name">{data.name}</Fact>
          <Fact term="User id">{data.userId}</Fact>
          <Fact term="Role">{data.role}</Fact>
          <Fact term="Theme">{data.theme}</Fact>
          <Fact term="Signed in">
            <Moment at={createdAt} now={now} />
          </Fact>
          <Fact term="Last seen">
            <Moment at={lastSeenAt} now={now} />
          </Fact>
          <Fact term="Device">{deviceLabel(device)}</Fact>
        </dl>
      </section>
      <AskTheApi />
    </>
  );
}
