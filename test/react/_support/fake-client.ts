import { act } from 'react';
import type { AuthenticatedView, SessionView } from 'trpc-session';
import type { SessionActions } from 'trpc-session/react';
import { type Mock, vi } from 'vitest';
import type { Patch, View } from './sessions.ts';

/** A call that waits for the test to settle it. */
interface PendingCall<Answer> {
  answer(value: Answer): Promise<void>;
  fail(error: unknown): Promise<void>;
}

export interface FakeClient extends Required<SessionActions<View, Patch>> {
  readonly get: Mock<() => Promise<SessionView<View>>>;
  readonly set: Mock<(patch: Patch) => Promise<AuthenticatedView<View>>>;
  readonly destroy: Mock<() => Promise<unknown>>;
  readonly touch: Mock<() => Promise<unknown>>;
  /** The calls of `get`, in order. */
  readonly gets: PendingCall<SessionView<View>>[];
  /** The calls of `set`, in order. */
  readonly sets: PendingCall<AuthenticatedView<View>>[];
  /** The calls of `destroy`, in order. */
  readonly destroys: PendingCall<unknown>[];
  /** The calls of `touch`, in order. */
  readonly touches: PendingCall<unknown>[];
}

/** Creates a client whose calls stay pending until the test settles them. */
export function createFakeClient(): FakeClient {
  const gets: PendingCall<SessionView<View>>[] = [];
  const sets: PendingCall<AuthenticatedView<View>>[] = [];
  const destroys: PendingCall<unknown>[] = [];
  const touches: PendingCall<unknown>[] = [];
  return {
    gets,
    sets,
    destroys,
    touches,
    get: vi.fn(() => addPendingCall(gets)),
    set: vi.fn(() => addPendingCall(sets)),
    destroy: vi.fn(() => addPendingCall(destroys)),
    touch: vi.fn(() => addPendingCall(touches)),
  };
}

/** Returns an item that must be there. */
export function nth<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`There is no call ${index}; there were ${items.length}.`);
  return item;
}

/** Runs everything that waits only for promises. */
export async function flush(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function addPendingCall<Answer>(calls: PendingCall<Answer>[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    calls.push({
      answer: (value) =>
        act(() => {
          resolve(value);
          return flush();
        }),
      fail: (error) =>
        act(() => {
          reject(error);
          return flush();
        }),
    });
  });
}
