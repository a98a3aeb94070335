'use client';

import { useServerClock } from './server-clock';

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How long ago something was, e.g. "3 minutes ago". `now` is the server's time when it drew the page. */
export function Moment({ at, now: drawnAt }: { readonly at: number; readonly now: number }) {
  const now = useServerClock(drawnAt, 10_000);
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {ago(now - at)}
    </time>
  );
}

function ago(elapsedMs: number): string {
  for (const [unit, unitMs] of units) {
    if (elapsedMs >= unitMs) return words.format(-Math.floor(elapsedMs / unitMs), unit);
  }
  return 'just now';
}
