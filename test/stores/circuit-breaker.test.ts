import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CircuitBreaker } from '../../src/stores/circuit-breaker.ts';

const read = { key: 'ada', undoable: false, undoes: false };
const start = { key: 'ada', undoable: true, undoes: false };
const destroy = { key: 'ada', undoable: false, undoes: true };

let circuit: CircuitBreaker;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  circuit = new CircuitBreaker();
});
afterEach(() => vi.useRealTimers());

/** Asks, and waits in vain. */
function askInVain(call = read, forMs = 1_000): void {
  const askedAt = performance.now();
  vi.advanceTimersByTime(forMs);
  circuit.unanswered(call, askedAt);
}

/** How many of so many calls pass, made at once. */
function passing(count: number, call = read): number {
  return Array.from({ length: count }, () => circuit.owes(call) || circuit.admits()).filter(Boolean).length;
}

describe('a circuit', () => {
  test('is closed at first: everything passes', () => {
    expect(passing(100)).toBe(100);
  });

  test('opens when nothing at all was answered while a call waited: one call passes, the next one', () => {
    askInVain();
    expect(passing(100)).toBe(1);
  });

  test('stays closed when a call waits in vain and another asked later is answered', () => {
    const askedAt = performance.now();
    vi.advanceTimersByTime(500);
    circuit.answered();
    vi.advanceTimersByTime(500);
    circuit.unanswered(read, askedAt);
    expect(passing(100)).toBe(100);
  });

  test('opens when the last answer came before the call was asked', () => {
    circuit.answered();
    vi.advanceTimersByTime(1);
    askInVain();
    expect(passing(100)).toBe(1);
  });

  test('lets one call pass every 250 ms, whatever comes of it', () => {
    askInVain();
    const passed = Array.from({ length: 100 }, () => {
      vi.advanceTimersByTime(10);
      return passing(10);
    });
    expect(passed.reduce((sum, count) => sum + count, 0)).toBe(4);
  });

  test('stays open when that call waits in vain too', () => {
    askInVain();
    passing(1);
    askInVain(read, 100);
    expect(passing(100)).toBe(0);
  });

  test('closes with any answer, one that comes too late for its call too', () => {
    askInVain();
    expect(passing(100)).toBe(1);
    circuit.answered();
    expect(passing(100)).toBe(100);
  });
});

describe('a write that waited in vain', () => {
  test('may be undone while the circuit is open, once, though no other call passes', () => {
    askInVain(start);
    expect(passing(1)).toBe(1);
    expect(passing(10, destroy)).toBe(1);
    expect(passing(10)).toBe(0);
  });

  test('lets nothing pass that is of another key, or that undoes nothing', () => {
    askInVain(start);
    passing(1);
    expect(passing(10, { ...destroy, key: 'grace' })).toBe(0);
    expect(passing(10, start)).toBe(0);
  });

  test('is remembered no longer than the outage', () => {
    askInVain(start);
    circuit.answered();
    vi.advanceTimersByTime(1);
    askInVain();
    passing(1);
    expect(passing(10, destroy)).toBe(0);
  });
});
