import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { KeyTracking, RedisCommand } from '../../src/stores/redis-adapter.ts';
import { leaseMs } from '../../src/stores/redis-lease.ts';
import { RedisTracking } from '../../src/stores/redis-tracking.ts';

/** One connection that the tracking has opened. */
interface Connection {
  readonly tracking: KeyTracking;
  readonly signal: AbortSignal;
  accept(): void;
  refuse(error: Error): void;
}

const connections: Connection[] = [];
const changes: string[] = [];
let resets: number;
/** How long Redis takes to run a beat, or null if it refuses it. */
let beatMs: number | null;
/** What happens to the report of a beat. */
let deliver: (report: () => void) => void;
let beats: number;
let tracking: RedisTracking;

const getLast = (): Connection => {
  const last = connections.at(-1);
  if (!last) throw new Error('No connection was opened.');
  return last;
};

beforeEach(() => {
  vi.useFakeTimers();
  connections.length = 0;
  changes.length = 0;
  resets = 0;
  beats = 0;
  beatMs = 1;
  deliver = (report) => report();
  tracking = new RedisTracking({
    adapter: { send: runBeat, trackKeys },
    prefix: 'session:',
    onChange: (key) => changes.push(key),
    onReset: () => (resets += 1),
  });
});

afterEach(() => {
  tracking.close();
  vi.useRealTimers();
});

function trackKeys(options: KeyTracking, signal: AbortSignal): Promise<void> {
  return new Promise((accept, refuse) => connections.push({ tracking: options, signal, accept, refuse }));
}

async function runBeat({ key }: RedisCommand): Promise<unknown> {
  beats += 1;
  if (beatMs === null) throw new Error("READONLY You can't write against a read only replica.");
  const connection = getLast();
  await new Promise((resolve) => setTimeout(resolve, beatMs ?? 0));
  if (connection.tracking.prefixes.some((prefix) => key.startsWith(prefix))) {
    deliver(() => connection.tracking.onChange([key]));
  }
  return [key, String(Date.now() + 5_000)];
}

async function openConnection(): Promise<void> {
  tracking.use();
  getLast().accept();
  await vi.advanceTimersByTimeAsync(1);
}

/** Uses the tracking as requests do. */
async function passTime(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    tracking.use();
    await vi.advanceTimersByTimeAsync(50);
  }
}

describe('the near cache may be used', () => {
  test('after the first beat has come back, and not before', async () => {
    tracking.use();
    expect(tracking.isCurrent()).toBe(false);
    getLast().accept();
    expect(tracking.isCurrent()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(tracking.isCurrent()).toBe(true);
  });

  test('for as long as beats come back', async () => {
    await openConnection();
    await passTime(10_000);
    expect(tracking.isCurrent()).toBe(true);
    expect(beats).toBeGreaterThan(40);
    expect(connections).toHaveLength(1);
  });

  test('until half a second after the last beat that came back was sent', async () => {
    await openConnection();
    deliver = () => {};
    await vi.advanceTimersByTimeAsync(leaseMs - 2);
    expect(tracking.isCurrent()).toBe(true);
    await vi.advanceTimersByTimeAsync(2);
    expect(tracking.isCurrent()).toBe(false);
  });

  test('not because a beat comes back that was sent long ago', async () => {
    await openConnection();
    const late: (() => void)[] = [];
    deliver = (report) => late.push(report);
    await passTime(1_000);
    late[0]?.();
    expect(tracking.isCurrent()).toBe(false);
    late.at(-1)?.();
    expect(tracking.isCurrent()).toBe(true);
  });

  test('not after the connection has ended', async () => {
    await openConnection();
    getLast().tracking.onEnd();
    expect(tracking.isCurrent()).toBe(false);
  });

  test('not while Redis refuses the beat, as a replica does', async () => {
    await openConnection();
    beatMs = null;
    await passTime(leaseMs);
    expect(tracking.isCurrent()).toBe(false);
    beatMs = 1;
    await passTime(500);
    expect(tracking.isCurrent()).toBe(true);
    expect(connections).toHaveLength(1);
  });

  test('not after the process was suspended, even if its monotonic clock stood still', async () => {
    await openConnection();
    vi.setSystemTime(Date.now() + 60_000);
    expect(tracking.isCurrent()).toBe(false);
  });
});

describe('a connection', () => {
  test('is opened at first use, once', () => {
    expect(connections).toHaveLength(0);
    tracking.use();
    tracking.use();
    expect(connections).toHaveLength(1);
  });

  test('reports changed keys, and no beats', async () => {
    await openConnection();
    getLast().tracking.onChange(['session:{a}', 'session:{b}']);
    expect(changes).toEqual(['session:{a}', 'session:{b}']);
  });

  test('resets everything when it opens, when it ends, and when Redis says that any key may have changed', async () => {
    await openConnection();
    expect(resets).toBe(1);
    getLast().tracking.onChange(null);
    expect(resets).toBe(2);
    getLast().tracking.onEnd();
    expect(resets).toBe(3);
  });

  test('is replaced after it has ended', async () => {
    await openConnection();
    getLast().tracking.onEnd();
    await passTime(1_000);
    expect(connections).toHaveLength(2);
    getLast().accept();
    await passTime(50);
    expect(tracking.isCurrent()).toBe(true);
  });

  test('is closed and replaced if it does not open', async () => {
    tracking.use();
    await passTime(3_000);
    expect(connections.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  test('is closed and replaced if no beat comes back, as after a failover to another server', async () => {
    await openConnection();
    deliver = () => {};
    await passTime(3_000);
    expect(connections.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  test('is ignored once it was replaced', async () => {
    await openConnection();
    const first = getLast();
    first.tracking.onEnd();
    await passTime(1_000);
    first.tracking.onChange(['session:{a}']);
    first.tracking.onEnd();
    expect(changes).toEqual([]);
    expect(getLast().signal.aborted).toBe(false);
  });

  test('sends no beats while the app reads no session', async () => {
    await openConnection();
    await passTime(1_000);
    await vi.advanceTimersByTimeAsync(60_000);
    const before = beats;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(beats).toBe(before);
    tracking.use();
    expect(beats).toBe(before + 1);
    await passTime(500);
    expect(tracking.isCurrent()).toBe(true);
    expect(connections).toHaveLength(1);
  });

  test('is closed when the store is closed, and never opened again', async () => {
    await openConnection();
    tracking.close();
    expect(getLast().signal.aborted).toBe(true);
    await passTime(5_000);
    expect(connections).toHaveLength(1);
    expect(tracking.isCurrent()).toBe(false);
  });
});

describe('waitUntilCurrent', () => {
  test('resolves when the first beat has come back', async () => {
    const waiting = tracking.waitUntilCurrent();
    getLast().accept();
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    expect(tracking.isCurrent()).toBe(true);
  });

  test('rejects with the reason if the connection is refused', async () => {
    const waiting = tracking.waitUntilCurrent();
    getLast().refuse(new Error("NOPERM this user has no permissions to run the 'client|tracking' command"));
    await expect(waiting).rejects.toThrow('client|tracking');
  });
});

test('the time of Redis is known from a beat', async () => {
  expect(tracking.getRedisTime()).toBeNaN();
  await openConnection();
  const ahead = tracking.getRedisTime() - Date.now();
  expect(ahead).toBeGreaterThanOrEqual(5_000);
  expect(ahead).toBeLessThanOrEqual(5_002);
});
