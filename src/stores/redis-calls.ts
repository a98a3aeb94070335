import { setTimeout as sleep } from 'node:timers/promises';
import { isSessionError } from '../core/errors.ts';
import { CircuitBreaker, type CircuitCall } from './circuit-breaker.ts';
import { Deadlines } from './deadlines.ts';
import { Cancellation, type FailureKind, type RedisAdapter } from './redis-adapter.ts';

/**
 * Sends the command, or the few commands, of one call. Once the call is cancelled, it must not send a write any more:
 * the caller has received an error, and may already have undone the write.
 */
type SendCommand<Reply> = (cancellation: Cancellation) => Promise<Reply>;

/** What the calls need to know about errors and about the connection. */
type CallAdapter = Pick<RedisAdapter, 'classifyFailure' | 'findError'>;

/** All calls of one store. */
export interface RedisCalls {
  /** Settles within the deadline, and immediately while the circuit is open. */
  send<Reply>(call: CircuitCall, send: SendCommand<Reply>): Promise<Reply>;
  /** Rejects further calls, and resolves once the pending ones have settled. */
  close(): Promise<void>;
}

export function createRedisCalls(deadlineMs: number, adapter: CallAdapter): RedisCalls {
  const circuit = new CircuitBreaker();
  const deadlines = new Deadlines(deadlineMs);
  const pending = new Set<Promise<unknown>>();
  let isClosed = false;
  return {
    async send(call, send) {
      if (isClosed) throw new Error('The store is closed.');
      const isUndo = circuit.takePendingUndo(call);
      if (!isUndo && !circuit.allowCall()) {
        throw addCause(new Error('Redis does not respond, so this command was not sent.'), adapter.findError());
      }
      const reply = sendWithDeadline({ call, send, isUndo, circuit, deadlines, deadlineMs, adapter });
      pending.add(reply);
      try {
        return await reply;
      } catch (error) {
        throw isReply(adapter, error) ? stripCommand(error) : addCause(error, adapter.findError());
      } finally {
        pending.delete(reply);
      }
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(pending);
    },
  };
}

interface DeadlineCall<Reply> {
  readonly call: CircuitCall;
  readonly send: SendCommand<Reply>;
  readonly isUndo: boolean;
  readonly circuit: CircuitBreaker;
  readonly deadlines: Deadlines;
  readonly deadlineMs: number;
  readonly adapter: CallAdapter;
}

/**
 * Sends a call, and records in the circuit whether it got a reply. Rejects at the deadline whatever the client does. A late
 * reply only closes the circuit.
 */
function sendWithDeadline<Reply>(options: DeadlineCall<Reply>): Promise<Reply> {
  const { call, isUndo, circuit, deadlines, adapter } = options;
  const sentAt = performance.now();
  const cancellation = new Cancellation();
  return new Promise((resolve, reject) => {
    let isSettled = false;
    const fail = (error: unknown): void => {
      if (isSettled) return;
      isSettled = true;
      deadlines.remove(deadline);
      // A write that can undo another one is never cancelled: the write that it undoes may still take effect.
      if (!call.canUndo) cancellation.cancel();
      if (!isReply(adapter, error) && !isSessionError(error)) circuit.recordLostReply(call, sentAt);
      reject(error);
    };
    const deadline = deadlines.add(() => fail(new Error(`Redis did not respond within ${options.deadlineMs} ms.`)));
    const reply = isUndo ? retryUntilReply(options, cancellation) : retryCall(options, cancellation, sentAt);
    reply.then(
      (value) => {
        circuit.recordReply();
        if (isSettled) return;
        isSettled = true;
        deadlines.remove(deadline);
        resolve(value);
      },
      (error: unknown) => {
        if (isReply(adapter, error)) circuit.recordReply();
        fail(error);
      },
    );
  });
}

/** Whether Redis itself replied with this error: out of memory, not permitted, and so on. */
function isReply(adapter: CallAdapter, error: unknown): boolean {
  const kind = adapter.classifyFailure(error);
  return kind === 'replied' || kind === 'read-only';
}

const retryEveryMs = 20;

/**
 * Sends a call, and once more if its reply was lost or a replica refused it. While a Cluster moves the slot, sends it again
 * until shortly before the deadline. All commands of this store are idempotent.
 */
async function retryCall<Reply>(
  { send, adapter, deadlineMs }: DeadlineCall<Reply>,
  cancellation: Cancellation,
  sentAt: number,
): Promise<Reply> {
  let canRepeatOnce = true;
  for (;;) {
    try {
      return await send(cancellation);
    } catch (error) {
      const kind = adapter.classifyFailure(error);
      const isMisdirected = kind === 'misdirected' && performance.now() < sentAt + deadlineMs - 2 * retryEveryMs;
      const isRepeatable = canRepeatOnce && (kind === 'lost' || kind === 'read-only');
      if (isMisdirected) await sleep(retryEveryMs);
      if (cancellation.isCancelled || !(isMisdirected || isRepeatable)) throw error;
      canRepeatOnce &&= isMisdirected;
    }
  }
}

const repeatedKinds: ReadonlySet<FailureKind> = new Set(['no-connection', 'lost', 'misdirected']);

/**
 * Repeats a write that undoes another one until Redis replies: the client may give up this write, and still repeat the
 * write that it undoes. Closing the client ends the loop.
 */
async function retryUntilReply<Reply>(options: DeadlineCall<Reply>, cancellation: Cancellation): Promise<Reply> {
  for (;;) {
    try {
      return await retryCall(options, cancellation, performance.now());
    } catch (error) {
      if (!repeatedKinds.has(options.adapter.classifyFailure(error))) throw error;
      // A client that does not wait for a connection fails at once.
      await sleep(retryEveryMs);
    }
  }
}

/**
 * Copies an error without its command. ioredis attaches it, and its token hash and session data would reach the logs.
 */
export function stripCommand(error: unknown): Error {
  if (isSessionError(error)) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return Object.assign(new Error(message), { name });
}

/** Returns the error of a command, with the error of the connection as its cause. */
function addCause(error: unknown, connectionError: Error | undefined): Error {
  const copy = stripCommand(error);
  return connectionError ? Object.assign(copy, { cause: stripCommand(connectionError) }) : copy;
}
