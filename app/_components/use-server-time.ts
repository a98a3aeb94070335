'use client';

import { useEffect, useState } from 'react';

/**
 * Returns the server's current time, and updates it. `at` is the server's time when it rendered the page; the browser's
 * clock only counts on from there. So the time is right even if that clock is wrong, and the first render equals the
 * server's.
 */
export function useServerTime(at: number, updateEveryMs = 1_000): number {
  const [now, setNow] = useState(at);
  useEffect(() => {
    const skewMs = at - Date.now();
    return runEvery(updateEveryMs, () => setNow(Date.now() + skewMs));
  }, [at, updateEveryMs]);
  return now;
}

/** Returns the time until a deadline of the session, and updates it every second. Null until the page is hydrated. */
export function useTimeLeft(deadline: number, getServerTime: () => number): number | null {
  const [leftMs, setLeftMs] = useState<number | null>(null);
  useEffect(() => runEvery(1_000, () => setLeftMs(deadline - getServerTime())), [deadline, getServerTime]);
  return leftMs;
}

function runEvery(ms: number, run: () => void): () => void {
  run();
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
}
