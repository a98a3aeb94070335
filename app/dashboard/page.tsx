import type { Metadata } from 'next';
import { Detail } from '../_components/detail';
import { SessionCard } from '../_components/session-card';
import { TimeAgo } from '../_components/time-ago';
import { describeDevice } from '../describe-device';
import { requireSession } from '../session-server';
import { ApiPlayground } from './api-playground';

export const metadata: Metadata = { title: 'Dashboard' };

/**
 * A protected page. The guard comes first and the page is sent complete, so it works without JavaScript and does not
 * move while it loads. To show a frame at once and stream the rest, read the session below a `<Suspense>` instead.
 */
export const instant = false;

export default async function DashboardPage() {
  const { data, device, createdAt, lastSeenAt } = await requireSession();
  const now = Date.now();
  return (
    <>
      <header className="page-header">
        <h1>Hello, {data.name.split(' ')[0]}</h1>
        <p className="lead">The server read your session, then rendered this page for you.</p>
      </header>
      <div className="session-card-place">
        <SessionCard />
      </div>
      <section className="section" aria-labelledby="stored">
        <div className="section-title">
          <h2 id="stored">What the server stores</h2>
          <p className="note">The whole session. The card above shows the part that the browser can see.</p>
        </div>
        <dl className="detail-list">
          <Detail label="Name">{data.name}</Detail>
          <Detail label="User id">{data.userId}</Detail>
          <Detail label="Role">{data.role}</Detail>
          <Detail label="Theme">{data.theme}</Detail>
          <Detail label="Signed in">
            <TimeAgo at={createdAt} now={now} />
          </Detail>
          <Detail label="Last active">
            <TimeAgo at={lastSeenAt} now={now} />
          </Detail>
          <Detail label="Device">{describeDevice(device)}</Detail>
        </dl>
      </section>
      <ApiPlayground />
    </>
  );
}
