'use client';

import { useEffect, useState } from 'react';

/**
 * The server's time, ticking: every answer says when it was given, and this browser's clock only counts on from there.
 * A clock that is set wrong thus shows the right countdown, and the first render agrees with the server's.
 */
export function useServerClock(at: number, everyMs = 1_000): number {
  const [now, setNow] = useState(at);
  useEffect(() => {
    const skewMs = at - Date.now();
    const tick = () => setNow(Date.now() + skewMs);
    tick();
    const timer = setInterval(tick, everyMs);
    return () => clearInterval(timer);
  }, [at, everyMs]);
  return now;
}
