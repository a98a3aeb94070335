import { CircuitBreaker, type CircuitCall } from './circuit-breaker.ts';
import { isReadOnly } from './redis-client.ts';

/**
 * Sends the command, or the few commands, of one call. Once `isCancelled` returns true, it must not send a write any
 * more: the caller has been told that the call failed, and may already have undone it.
 */
type SendCommand<Reply> = (isCancelled: () => boolean) => Promise<Reply>;

/** What is known about the connection. */
interface ConnectionStatus {
  /** Returns why there is no connection, if that is known. */
  findError(): Error | undefined;
}

/** All calls of one store. */
export interface RedisCalls {
  /** Settles within the deadline, and immediately while the circuit is open. */
  send<Reply>(call: CircuitCall, send: SendCommand<Reply>): Promise<Reply>;
  /** Rejects further calls, and resolves once the pending ones have settled. */
  close(): Promise<void>;
}

export function createRedisCalls(deadlineMs: number, connection: ConnectionStatus): RedisCalls {
  const circuit = new CircuitBreaker();
  const pending = new Set<Promise<unknown>>();
  let isClosed = false;
  return {
    async send(call, send) {
      if (isClosed) throw new Error('The store is closed.');
      const isUndo = circuit.takePendingUndo(call);
      if (!isUndo && !circuit.allowCall()) {
        throw addCause(new Error('Redis does not respond, so this command was not sent.'), connection.findError());
      }
      const reply = sendWithDeadline({ call, send, isUndo, circuit, deadlineMs });
      pending.add(reply);
      try {
        return await reply;
      } catch (error) {
        throw isRedisReply(error) ? error : addCause(error, connection.findError());
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
  readonly deadlineMs: number;
}

/** Sends a call, and records in the circuit whether it got a reply. */
async function sendWithDeadline<Reply>({
  call,
  send,
  isUndo,
  circuit,
  deadlineMs,
}: DeadlineCall<Reply>): Promise<Reply> {
  const sentAt = performance.now();
  let hasFailed = false;
  // A write that can undo another one is never cancelled: the write that it undoes may still take effect.
  const trySending = () => send(() => hasFailed && !call.canUndo);
  const reply = isUndo ? retryUntilReply(trySending) : retryOnce(trySending);
  // Attached to the reply itself and not to the race below: a reply after the deadline also closes the circuit.
  reply.then(
    () => circuit.recordReply(),
    (error) => isRedisReply(error) && circuit.recordReply(),
  );
  try {
    return await waitWithin(deadlineMs, reply);
  } catch (error) {
    hasFailed = true;
    if (!isRedisReply(error)) circuit.recordLostReply(call, sentAt);
    throw error;
  }
}

/** Whether Redis itself replied with this error: out of memory, not permitted, and so on. */
function isRedisReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/**
 * ioredis repeats the commands whose replies a broken connection lost. It does not repeat the rest of a pipeline that
 * was replied to in part, nor a command that a replica refused. This function repeats both, once. All commands of this
 * store are idempotent.
 */
async function retryOnce<Reply>(send: () => Promise<Reply>): Promise<Reply> {
  try {
    return await send();
  } catch (error) {
    const canRetry = error instanceof Error && (error.name === 'AbortError' || isReadOnly(error));
    if (!canRetry) throw stripCommand(error);
    return send().catch((second: unknown) => Promise.reject(stripCommand(second)));
  }
}

/**
 * Repeats a write that undoes another one until Redis replies: ioredis may give up this write, and still repeat the
 * write that it undoes. Each round waits for the connection, and closing the client ends the loop.
 */
async function retryUntilReply<Reply>(send: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    try {
      return await retryOnce(send);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'MaxRetriesPerRequestError') throw error;
    }
  }
}

/**
 * Copies an error without its command. ioredis attaches it, and its token hash and session data would reach the logs.
 */
function stripCommand(error: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return Object.assign(new Error(message), { name });
}

/** Returns the error of a command, with the error of the connection as its cause. */
function addCause(error: unknown, connectionError: Error | undefined): Error {
  const copy = stripCommand(error);
  return connectionError ? Object.assign(copy, { cause: stripCommand(connectionError) }) : copy;
}

const deadlineParts = 10;

/**
 * Rejects at the deadline whatever the client does; a reply after that is ignored here.
 *
 * The deadline is split into ten timers. When a process has been busy, its due timers run before the replies that
 * arrived meanwhile, so one timer would blame Redis for the delay. A part counts only once, however long the process
 * was busy.
 */
async function waitWithin<Reply>(deadlineMs: number, reply: Promise<Reply>): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    let partsLeft = deadlineParts;
    const waitForPart = () => {
      if (partsLeft === 0) return reject(new Error(`Redis did not respond within ${deadlineMs} ms.`));
      partsLeft--;
      timer = setTimeout(waitForPart, Math.ceil(deadlineMs / deadlineParts));
    };
    waitForPart();
  });
  try {
    return await Promise.race([reply, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
