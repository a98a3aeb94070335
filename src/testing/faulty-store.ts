import type { SessionStore } from '../core/ports/store.ts';

const operations = ['read', 'touch', 'start', 'replace', 'regenerate', 'destroy', 'list', 'revoke', 'ping'] as const;

export type StoreOperation = (typeof operations)[number];

/** One fault: in which call, on which side of its effect, and what goes wrong. */
export type Fault = FaultyCall & FaultKind;

export interface FaultyCall {
  readonly operation: StoreOperation;
  /** Which call of this operation, from 1. Default: every one. */
  readonly call?: number;
  /** `'before'`: the store has not changed yet. `'after'`: it has, and the answer is what is lost or late. */
  readonly at: 'before' | 'after';
}

export type FaultKind =
  | { readonly fault: 'throw'; readonly error?: unknown }
  /** Settles only after `release()`: then the call goes on, and has its effect late. */
  | { readonly fault: 'hang' }
  | { readonly fault: 'delay'; readonly ms: number };

/** One call as it was made. */
export interface RecordedCall {
  readonly operation: StoreOperation;
  /** Counts the calls of this operation, from 1. */
  readonly call: number;
  readonly args: readonly unknown[];
}

export interface FaultyStore extends SessionStore {
  /** Every call so far, in order. */
  readonly calls: readonly RecordedCall[];
  /** Lets everything that hangs go on. */
  release(): void;
}

/** A store in which calls go wrong as planned: to see what an app does when its sessions cannot be reached. */
export function faultyStore(store: SessionStore, plan: readonly Fault[]): FaultyStore {
  const calls: RecordedCall[] = [];
  const hung = new Set<() => void>();
  const hang = (): Promise<void> => new Promise((resolve) => hung.add(resolve));
  const faulty = { ...store, calls, release: () => releaseAll(hung) };
  for (const operation of operations) {
    const effect = store[operation].bind(store) as (...args: readonly unknown[]) => Promise<unknown>;
    const call = async (...args: readonly unknown[]): Promise<unknown> => {
      const count = calls.filter((earlier) => earlier.operation === operation).length + 1;
      calls.push({ operation, call: count, args });
      const faults = plan.filter((fault) => fault.operation === operation && (fault.call ?? count) === count);
      await injectFaults(faults, 'before', hang);
      const answer = await effect(...args);
      await injectFaults(faults, 'after', hang);
      return answer;
    };
    Object.assign(faulty, { [operation]: call });
  }
  return faulty;
}

async function injectFaults(faults: readonly Fault[], at: Fault['at'], hang: () => Promise<void>): Promise<void> {
  for (const fault of faults) {
    if (fault.at !== at) continue;
    if (fault.fault === 'throw')
      throw fault.error ?? new Error(`${fault.operation} fails as planned, ${at} its effect.`);
    if (fault.fault === 'hang') await hang();
    else await new Promise((resolve) => setTimeout(resolve, fault.ms));
  }
}

function releaseAll(hung: Set<() => void>): void {
  for (const resolve of hung) resolve();
  hung.clear();
}
