import { createTestClock } from 'trpc-session/testing';
import { expect, test } from 'vitest';

test('a test clock stands still until it is moved', () => {
  const clock = createTestClock();
  const start = clock.now();
  expect(clock.now()).toBe(start);
  clock.advance(1_500);
  expect(clock.now()).toBe(start + 1_500);
});

test('a test clock is moved by milliseconds or by text', () => {
  const { now, advance } = createTestClock(0);
  advance('6h');
  expect(now()).toBe(6 * 3_600_000);
});

test('a test clock does not go back', () => {
  expect(() => createTestClock().advance(-1)).toThrow('advance');
});
