'use client';

import { useEffect, useState } from 'react';

/**
 * Returns the server's current time, and updates it. `at` is the server's time of the last response; the browser's clock
 * only counts on from there. So the time is right even if that clock is wrong, and the first render equals the server's.
 */
export function useServerTime(at: number, updateEveryMs = 1_000): number {
  const [now, setNow] = useState(at);
  useEffect(() => {
    const skewMs = at - Date.now();
    const tick = () => setNow(Date.now() + skewMs);
    tick();
    const timer = setInterval(tick, updateEveryMs);
    return () => clearInterval(timer);
  }, [at, updateEveryMs]);
  return now;
}
