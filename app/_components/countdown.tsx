'use client';

interface CountdownProps {
  readonly label: string;
  readonly remainingMs: number;
  /** What it counted down from, for the bar. */
  readonly wholeMs: number;
}

/** One of a session's two clocks, as figures and as a bar that runs dry. */
export function Countdown({ label, remainingMs, wholeMs }: CountdownProps) {
  const left = Math.max(0, Math.min(1, remainingMs / wholeMs));
  return (
    <div>
      <span className="ticket-label">{label}</span>
      <span className="clock-time" role="timer" aria-live="off">
        {clockFace(remainingMs)}
      </span>
      <div className="clock-bar" style={{ '--left': left.toFixed(4) } as React.CSSProperties} />
    </div>
  );
}

/** `5:59:41`, or `6d 23:59:41`. */
function clockFace(remainingMs: number): string {
  if (remainingMs <= 0) return 'ended';
  const seconds = Math.floor(remainingMs / 1_000);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3_600) % 24;
  const two = (value: number) => String(value % 60).padStart(2, '0');
  return `${days > 0 ? `${days}d ` : ''}${hours}:${two(Math.floor(seconds / 60))}:${two(seconds)}`;
}
