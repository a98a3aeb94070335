import { type Mock, vi } from 'vitest';
import type { AuthenticatedView, SessionView } from '../../../src/index.ts';
import type { SessionActions } from '../../../src/react/client.ts';
import type { Patch, View } from './answers.ts';

/** A question or a change that waits for the test to answer it. */
export interface Waiting<Answer> {
  answer(value: Answer): Promise<void>;
  fail(error: unknown): Promise<void>;
}

export interface FakeClient extends SessionActions<View, Patch> {
  readonly get: Mock<() => Promise<SessionView<View>>>;
  readonly set: Mock<(patch: Patch) => Promise<AuthenticatedView<View>>>;
  /** In the order they were asked. */
  readonly gets: Waiting<SessionView<View>>[];
  readonly sets: Waiting<AuthenticatedView<View>>[];
}

/** A client whose every call waits until the test answers it. */
export function fakeClient(): FakeClient {
  const gets: Waiting<SessionView<View>>[] = [];
  const sets: Waiting<AuthenticatedView<View>>[] = [];
  return {
    gets,
    sets,
    get: vi.fn(() => waitingIn(gets)),
    set: vi.fn(() => waitingIn(sets)),
  };
}

/** The n-th of a list that is known to have it. */
export function nth<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`There is no call ${index}; there were ${items.length}.`);
  return item;
}

/** Lets everything run that waits for nothing but promises. */
export async function flush(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function waitingIn<Answer>(list: Waiting<Answer>[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    list.push({
      answer: (value) => {
        resolve(value);
        return flush();
      },
      fail: (error) => {
        reject(error);
        return flush();
      },
    });
  });
}
