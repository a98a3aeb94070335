import type { SessionStore } from '../core/ports/store.ts';

const operations = [
  'read',
  'touch',
  'start',
  'replace',
  'regenerate',
  'destroy',
  'list',
  'revoke',
  'scan',
  'ping',
] as const;

/** A method of `SessionStore` that can fail. */
export type StoreOperation = (typeof operations)[number];

/** One planned fault: which call fails, and how. */
export type Fault = FaultyCall & FaultKind;

/** Which call a fault applies to. */
export interface FaultyCall {
  readonly operation: StoreOperation;
  /**
   * The number of the call among those of this operation, starting at 1.
   *
   * @default every call
   */
  readonly call?: number;
  /** `'before'`: the store has not changed yet. `'after'`: it has changed, and only the reply is lost or late. */
  readonly at: 'before' | 'after';
}

/** How a call fails: it throws, it hangs until `release()` and then continues, or it takes `ms` milliseconds longer. */
export type FaultKind =
  | { readonly fault: 'throw'; readonly error?: unknown }
  | { readonly fault: 'hang' }
  | { readonly fault: 'delay'; readonly ms: number };

/** One call that a faulty store has received. */
export interface RecordedCall {
  readonly operation: StoreOperation;
  /** The number of the call among those of this operation, starting at 1. */
  readonly call: number;
  readonly args: readonly unknown[];
}

/** A store that fails as planned, and records its calls. */
export interface FaultyStore extends SessionStore {
  /** Every call so far, in order. */
  readonly calls: readonly RecordedCall[];
  /** Continues every call that hangs. Its changes happen then. */
  release(): void;
}

/**
 * Wraps a store so that chosen calls fail, to test how an app behaves during an outage.
 *
 * @param store The store that does the work.
 * @param plan The faults. Several faults of one call happen in this order.
 * @example
 * const store = faultyStore(memoryStore(), [{ operation: 'read', at: 'before', fault: 'throw' }]);
 * const sessions = createSessions({ store, schema, view }); // every guarded procedure fails with UNAVAILABLE
 */
export function faultyStore(store: SessionStore, plan: readonly Fault[]): FaultyStore {
  const calls: RecordedCall[] = [];
  const hanging = new Set<() => void>();
  const hang = (): Promise<void> => new Promise((resolve) => hanging.add(resolve));
  const faulty = { ...store, calls, release: () => releaseAll(hanging) };
  for (const operation of operations) {
    const effect = store[operation].bind(store) as (...args: readonly unknown[]) => Promise<unknown>;
    const call = async (...args: readonly unknown[]): Promise<unknown> => {
      const count = calls.filter((earlier) => earlier.operation === operation).length + 1;
      calls.push({ operation, call: count, args });
      const faults = plan.filter((fault) => fault.operation === operation && (fault.call ?? count) === count);
      await injectFaults(faults, 'before', hang);
      const result = await effect(...args);
      await injectFaults(faults, 'after', hang);
      return result;
    };
    Object.assign(faulty, { [operation]: call });
  }
  return faulty;
}

async function injectFaults(faults: readonly Fault[], at: Fault['at'], hang: () => Promise<void>): Promise<void> {
  for (const fault of faults) {
    if (fault.at !== at) continue;
    if (fault.fault === 'throw')
      throw fault.error ?? new Error(`Planned fault: ${fault.operation} failed ${at} its effect.`);
    if (fault.fault === 'hang') await hang();
    else await new Promise((resolve) => setTimeout(resolve, fault.ms));
  }
}

function releaseAll(hanging: Set<() => void>): void {
  for (const resolve of hanging) resolve();
  hanging.clear();
}
