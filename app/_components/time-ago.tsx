'use client';

import { useServerTime } from './use-server-time';

const relativeTime = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

interface TimeAgoProps {
  readonly at: number;
  /** The server's time when it rendered the page. */
  readonly now: number;
}

/** How long ago something was, e.g. "3 minutes ago". Updates while the page is open. */
export function TimeAgo({ at, now: renderedAt }: TimeAgoProps) {
  const now = useServerTime(renderedAt, 10_000);
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {formatElapsed(now - at)}
    </time>
  );
}

function formatElapsed(elapsedMs: number): string {
  for (const [unit, unitMs] of units) {
    if (elapsedMs >= unitMs) return relativeTime.format(-Math.floor(elapsedMs / unitMs), unit);
  }
  return 'just now';
}
