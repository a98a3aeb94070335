import { CircuitBreaker, type CircuitCall } from './circuit-breaker.ts';
import { isReadOnly } from './redis-client.ts';

/** Sends one command, or the few that make one call. Once it is given up, a write must not be sent any more. */
export type SendCommand<Answer> = (isGivenUp: () => boolean) => Promise<Answer>;

const circuitOpenMessage = 'Redis has stopped answering, so it was not asked.';

/** Knows why there is no connection. */
interface ConnectionStatus {
  trouble(): Error | undefined;
}

/** The way to one Redis. */
export interface RedisCalls {
  /** Settles within the deadline, and at once while Redis is known not to answer. */
  make<Answer>(call: CircuitCall, send: SendCommand<Answer>): Promise<Answer>;
  /** Takes no more calls, and resolves once those under way have settled. */
  close(): Promise<void>;
}

export function createRedisCalls(deadlineMs: number, connection: ConnectionStatus): RedisCalls {
  const circuit = new CircuitBreaker();
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  return {
    async make(call, send) {
      if (isClosed) throw new Error('The store has been closed.');
      const isUndo = circuit.owes(call);
      if (!isUndo && !circuit.admits()) throw addCause(new Error(circuitOpenMessage), connection.trouble());
      const answer = sendWithDeadline({ call, send, isUndo, circuit, deadlineMs });
      underWay.add(answer);
      try {
        return await answer;
      } catch (error) {
        throw isRedisReply(error) ? error : addCause(error, connection.trouble());
      } finally {
        underWay.delete(answer);
      }
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}

interface DeadlineCall<Answer> {
  readonly call: CircuitCall;
  readonly send: SendCommand<Answer>;
  readonly isUndo: boolean;
  readonly circuit: CircuitBreaker;
  readonly deadlineMs: number;
}

/** Sends a call, and tells the circuit what became of it. */
async function sendWithDeadline<Answer>({
  call,
  send,
  isUndo,
  circuit,
  deadlineMs,
}: DeadlineCall<Answer>): Promise<Answer> {
  const askedAt = performance.now();
  let isOver = false;
  // What undoes goes on: whatever it undoes may yet happen.
  const trySending = () => send(() => isOver && !call.undoes);
  const answer = isUndo ? retryUntilReply(trySending) : retryOnce(trySending);
  // Not the race below: an answer that comes too late for its call says as well that Redis is back.
  answer.then(
    () => circuit.answered(),
    (error) => isRedisReply(error) && circuit.answered(),
  );
  try {
    return await waitWithin(deadlineMs, answer);
  } catch (error) {
    isOver = true;
    if (!isRedisReply(error)) circuit.unanswered(call, askedAt);
    throw error;
  }
}

/** An error that Redis itself answered with: out of memory, not permitted, and so on. */
function isRedisReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/**
 * ioredis sends again what a broken connection left unanswered, except the rest of a pipeline that was answered in part,
 * and nothing that a replica refused. Both are sent again here, once. Every command of this store may be.
 */
async function retryOnce<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    const again = error instanceof Error && (error.name === 'AbortError' || isReadOnly(error));
    if (!again) throw stripCommand(error);
    return send().catch((refused: unknown) => Promise.reject(stripCommand(refused)));
  }
}

/**
 * What undoes a write is sent until it is answered, since ioredis may give it up and send the write itself again. Each round
 * waits for the connection, and closing the client ends it.
 */
async function retryUntilReply<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await retryOnce(send);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'MaxRetriesPerRequestError') throw error;
    }
  }
}

/** ioredis hangs the command on its errors, with the hash and the data in it: they would end up in events and logs. */
function stripCommand(error: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return Object.assign(new Error(message), { name });
}

/** What a command failed with, and below it what its connection failed with. */
function addCause(error: unknown, trouble: Error | undefined): Error {
  const told = stripCommand(error);
  return trouble ? Object.assign(told, { cause: stripCommand(trouble) }) : told;
}

const deadlineParts = 10;

/**
 * Settles in time whatever the client does; a late answer is nobody's business any more. The time passes in parts: a
 * process that is busy elsewhere finds its timers due before it looks at answers that have long come, and a part that
 * took it too long counts for no more than a part.
 */
async function waitWithin<Answer>(deadlineMs: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    let left = deadlineParts;
    const pass = () => {
      if (left === 0) return reject(new Error(`Redis did not answer within ${deadlineMs} ms.`));
      left--;
      timer = setTimeout(pass, Math.ceil(deadlineMs / deadlineParts));
    };
    pass();
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
