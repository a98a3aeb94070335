import { createTestClock } from 'trpc-session/testing';
import { expect, test } from 'vitest';

test('moves only when it is advanced', () => {
  const clock = createTestClock();
  const start = clock.now();
  expect(clock.now()).toBe(start);
  clock.advance(1_500);
  expect(clock.now()).toBe(start + 1_500);
});

test('advances by milliseconds or by a duration such as 6h', () => {
  const { now, advance } = createTestClock(0);
  advance('6h');
  expect(now()).toBe(6 * 3_600_000);
});

test('does not go back', () => {
  expect(() => createTestClock().advance(-1)).toThrow('advance');
});
