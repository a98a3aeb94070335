import { randomUUID } from 'node:crypto';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock, type Fault, faultyStore, storeContract } from 'trpc-session/testing';
import { describe, expect, test, vi } from 'vitest';

const at = { key: 'key', hash: 'hash' };
const limit = { max: 10, whenFull: 'refuse' } as const;
const start = { ...at, nonce: 'nonce', id: 'id', summary: '', body: '', idleMs: 60_000, lifetimeMs: 60_000, limit };

describe('faultyStore', () => {
  const store = () => memoryStore({ name: randomUUID() });

  test('keeps the store contract when no fault is planned', async () => {
    const clock = createTestClock();
    const name = randomUUID();
    const create = () => faultyStore(memoryStore({ name, now: clock.now }), []);
    for (const { needs, run } of storeContract) if (needs.length === 0) await run({ create, clock });
  });

  test('throws before the effect: nothing changes', async () => {
    const faulty = faultyStore(store(), [{ operation: 'start', at: 'before', fault: 'throw' }]);
    await expect(faulty.start(start)).rejects.toThrow('Planned fault: start failed before its effect.');
    expect(await faulty.read(at)).toBeNull();
  });

  test('throws after the effect: the store has changed', async () => {
    const faulty = faultyStore(store(), [{ operation: 'start', at: 'after', fault: 'throw' }]);
    await expect(faulty.start(start)).rejects.toThrow('Planned fault: start failed after its effect.');
    expect(await faulty.read(at)).toMatchObject({ revision: 1 });
  });

  test('throws the error from the plan', async () => {
    const error = new Error('ECONNRESET');
    const faulty = faultyStore(store(), [{ operation: 'ping', at: 'before', fault: 'throw', error }]);
    await expect(faulty.ping('key')).rejects.toBe(error);
  });

  test('fails only the call with the planned number', async () => {
    const faulty = faultyStore(store(), [{ operation: 'read', call: 2, at: 'before', fault: 'throw' }]);
    await expect(faulty.read(at)).resolves.toBeNull();
    await expect(faulty.read(at)).rejects.toThrow('Planned fault');
    await expect(faulty.read(at)).resolves.toBeNull();
  });

  test('does not count calls of other operations', async () => {
    const faulty = faultyStore(store(), [{ operation: 'list', call: 1, at: 'before', fault: 'throw' }]);
    await faulty.read(at);
    await expect(faulty.list('key')).rejects.toThrow('Planned fault');
  });

  test('hangs before the effect: the change happens after release()', async () => {
    const faulty = faultyStore(store(), [{ operation: 'start', at: 'before', fault: 'hang' }]);
    const started = faulty.start(start);
    expect(await faulty.read(at)).toBeNull();
    faulty.release();
    expect(await started).toMatchObject({ status: 'done' });
    expect(await faulty.read(at)).toMatchObject({ revision: 1 });
  });

  test('hangs after the effect: the change has happened before release()', async () => {
    const faulty = faultyStore(store(), [{ operation: 'start', at: 'after', fault: 'hang' }]);
    const settled = vi.fn();
    const started = faulty.start(start).then(settled);
    await vi.waitFor(async () => expect(await faulty.read(at)).not.toBeNull());
    expect(settled).not.toHaveBeenCalled();
    faulty.release();
    await started;
    expect(settled).toHaveBeenCalledOnce();
  });

  test('delays the effect by the planned time', async () => {
    vi.useFakeTimers();
    const faulty = faultyStore(store(), [{ operation: 'start', at: 'before', fault: 'delay', ms: 1_000 }]);
    const started = faulty.start(start);
    await vi.advanceTimersByTimeAsync(999);
    expect(await faulty.read(at)).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(await started).toMatchObject({ status: 'done' });
    vi.useRealTimers();
  });

  test('applies several faults of one call in order', async () => {
    const plan: readonly Fault[] = [
      { operation: 'start', at: 'before', fault: 'delay', ms: 1 },
      { operation: 'start', at: 'after', fault: 'throw' },
    ];
    const faulty = faultyStore(store(), plan);
    await expect(faulty.start(start)).rejects.toThrow('after its effect');
    expect(await faulty.read(at)).not.toBeNull();
  });

  test('records every call, including those that fail', async () => {
    const faulty = faultyStore(store(), [{ operation: 'ping', at: 'before', fault: 'throw' }]);
    await faulty.read(at);
    await faulty.destroy(at, 3);
    await faulty.ping('key').catch(() => {});
    await faulty.read(at);
    expect(faulty.calls).toEqual([
      { operation: 'read', call: 1, args: [at] },
      { operation: 'destroy', call: 1, args: [at, 3] },
      { operation: 'ping', call: 1, args: ['key'] },
      { operation: 'read', call: 2, args: [at] },
    ]);
  });
});
