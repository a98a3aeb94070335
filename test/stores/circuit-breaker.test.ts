import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CircuitBreaker } from '../../src/stores/circuit-breaker.ts';

const read = { key: 'ada', needsUndo: false, canUndo: false };
const start = { key: 'ada', needsUndo: true, canUndo: false };
const destroy = { key: 'ada', needsUndo: false, canUndo: true };

let circuit: CircuitBreaker;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  circuit = new CircuitBreaker();
});
afterEach(() => vi.useRealTimers());

/** Sends a call that gets no reply. */
function loseReply(call = read, afterMs = 1_000): void {
  const sentAt = performance.now();
  vi.advanceTimersByTime(afterMs);
  circuit.recordLostReply(call, sentAt);
}

/** How many of some calls, made at once, are sent. */
function countSent(count: number, call = read): number {
  return Array.from({ length: count }, () => circuit.takePendingUndo(call) || circuit.allowCall()).filter(Boolean)
    .length;
}

describe('a circuit', () => {
  test('is closed at first: every call is sent', () => {
    expect(countSent(100)).toBe(100);
  });

  test('opens when no call gets a reply while one waits: only the next call is sent', () => {
    loseReply();
    expect(countSent(100)).toBe(1);
  });

  test('stays closed when a reply is lost and another call gets one meanwhile', () => {
    const sentAt = performance.now();
    vi.advanceTimersByTime(500);
    circuit.recordReply();
    vi.advanceTimersByTime(500);
    circuit.recordLostReply(read, sentAt);
    expect(countSent(100)).toBe(100);
  });

  test('opens when the last reply came before the call was sent', () => {
    circuit.recordReply();
    vi.advanceTimersByTime(1);
    loseReply();
    expect(countSent(100)).toBe(1);
  });

  test('sends one probe every 250 ms, whatever happens to it', () => {
    loseReply();
    const sent = Array.from({ length: 100 }, () => {
      vi.advanceTimersByTime(10);
      return countSent(10);
    });
    expect(sent.reduce((sum, count) => sum + count, 0)).toBe(4);
  });

  test('stays open when the reply to the probe is lost too', () => {
    loseReply();
    countSent(1);
    loseReply(read, 100);
    expect(countSent(100)).toBe(0);
  });

  test('closes with any reply, even one that comes after the deadline of its call', () => {
    loseReply();
    expect(countSent(100)).toBe(1);
    circuit.recordReply();
    expect(countSent(100)).toBe(100);
  });
});

describe('a write whose reply was lost', () => {
  test('can be undone once while the circuit is open and sends no other call', () => {
    loseReply(start);
    expect(countSent(1)).toBe(1);
    expect(countSent(10, destroy)).toBe(1);
    expect(countSent(10)).toBe(0);
  });

  test('lets no call with another key pass, and none that undoes nothing', () => {
    loseReply(start);
    countSent(1);
    expect(countSent(10, { ...destroy, key: 'grace' })).toBe(0);
    expect(countSent(10, start)).toBe(0);
  });

  test('is forgotten when the outage ends', () => {
    loseReply(start);
    circuit.recordReply();
    vi.advanceTimersByTime(1);
    loseReply();
    countSent(1);
    expect(countSent(10, destroy)).toBe(0);
  });
});
