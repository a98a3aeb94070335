import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Deadlines } from '../../src/stores/deadlines.ts';

describe('deadlines of 1,000 ms', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([0, 10, 49])('end a call that started %d ms after another between 1,000 and 1,050 ms', (laterMs) => {
    const deadlines = new Deadlines(1_000);
    deadlines.add(() => {});
    vi.advanceTimersByTime(laterMs);
    const onExpire = vi.fn();
    deadlines.add(onExpire);
    vi.advanceTimersByTime(999);
    expect(onExpire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(51);
    expect(onExpire).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(5_000);
    expect(onExpire).toHaveBeenCalledOnce();
  });

  test('use one timer for all calls, and none once they have ended', () => {
    const deadlines = new Deadlines(1_000);
    const onExpire = vi.fn();
    const calls = Array.from({ length: 100 }, () => deadlines.add(onExpire));
    expect(vi.getTimerCount()).toBe(1);
    for (const call of calls) deadlines.remove(call);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(5_000);
    expect(onExpire).not.toHaveBeenCalled();
    deadlines.add(onExpire);
    vi.advanceTimersByTime(1_100);
    expect(onExpire).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('let an expiring call start another one', () => {
    const deadlines = new Deadlines(1_000);
    const onExpire = vi.fn();
    deadlines.add(() => deadlines.add(onExpire));
    vi.advanceTimersByTime(1_100);
    expect(onExpire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_100);
    expect(onExpire).toHaveBeenCalledOnce();
  });
});
