'use client';

interface CountdownProps {
  readonly label: string;
  /** Null if it is not known yet. */
  readonly remainingMs: number | null;
  /** The whole time, in milliseconds: the bar shows how much of it remains. */
  readonly totalMs: number;
}

/** The time until a session expires, as digits and as a bar. */
export function Countdown({ label, remainingMs, totalMs }: CountdownProps) {
  const left = Math.max(0, Math.min(1, (remainingMs ?? totalMs) / totalMs));
  return (
    <div>
      <span className="session-card-label">{label}</span>
      <span className="countdown-time" role="timer" aria-live="off">
        {remainingMs === null ? '' : formatRemaining(remainingMs)}
      </span>
      <div className="countdown-bar" style={{ '--left': left.toFixed(4) } as React.CSSProperties} />
    </div>
  );
}

/** Formats milliseconds as `5:59:41` or `6d 23:59:41`. */
export function formatRemaining(remainingMs: number): string {
  if (remainingMs <= 0) return 'Expired';
  const seconds = Math.floor(remainingMs / 1_000);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3_600) % 24;
  const padTwo = (value: number) => String(value % 60).padStart(2, '0');
  return `${days > 0 ? `${days}d ` : ''}${hours}:${padTwo(Math.floor(seconds / 60))}:${padTwo(seconds)}`;
}
