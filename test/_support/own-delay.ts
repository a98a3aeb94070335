import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * How long work took, less the longest that this process itself was kept from running meanwhile: on a busy machine a timer
 * fires late through no fault of what is tested.
 */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startedAt = performance.now();
  await work();
  const tookMs = performance.now() - startedAt;
  delay.disable();
  return tookMs - Math.max(0, delay.max / 1e6 - 5);
}
