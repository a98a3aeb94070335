import { CircuitBreaker, type CircuitCall } from './circuit-breaker.ts';
import { isReadOnly } from './redis-client.ts';

/** Sends one command, or the few that make one call. Once it is given up, a write must not be sent any more. */
export type Send<Answer> = (isGivenUp: () => boolean) => Promise<Answer>;

const notAsked = 'Redis has stopped answering, so it was not asked.';

/** Knows why there is no connection. */
interface Troubled {
  trouble(): Error | undefined;
}

/** The way to one Redis. */
export interface RedisCalls {
  /** Settles within the deadline, and at once while Redis is known not to answer. */
  make<Answer>(call: CircuitCall, send: Send<Answer>): Promise<Answer>;
  /** Takes no more calls, and resolves once those under way have settled. */
  close(): Promise<void>;
}

export function redisCalls(deadlineMs: number, connection: Troubled): RedisCalls {
  const circuit = new CircuitBreaker();
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  return {
    async make(call, send) {
      if (isClosed) throw new Error('The store has been closed.');
      const isUndo = circuit.owes(call);
      if (!isUndo && !circuit.admits()) throw withCause(new Error(notAsked), connection.trouble());
      const answer = asked({ call, send, isUndo, circuit, deadlineMs });
      underWay.add(answer);
      try {
        return await answer;
      } catch (error) {
        throw isReply(error) ? error : withCause(error, connection.trouble());
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

interface Asking<Answer> {
  readonly call: CircuitCall;
  readonly send: Send<Answer>;
  readonly isUndo: boolean;
  readonly circuit: CircuitBreaker;
  readonly deadlineMs: number;
}

/** Sends a call, and tells the circuit what became of it. */
async function asked<Answer>({ call, send, isUndo, circuit, deadlineMs }: Asking<Answer>): Promise<Answer> {
  const askedAt = performance.now();
  let isOver = false;
  // What undoes goes on: whatever it undoes may yet happen.
  const trySending = () => send(() => isOver && !call.undoes);
  const answer = isUndo ? persistent(trySending) : completed(trySending);
  // Not the race below: an answer that comes too late for its call says as well that Redis is back.
  answer.then(
    () => circuit.answered(),
    (error) => isReply(error) && circuit.answered(),
  );
  try {
    return await within(deadlineMs, answer);
  } catch (error) {
    isOver = true;
    if (!isReply(error)) circuit.unanswered(call, askedAt);
    throw error;
  }
}

/** An error that Redis itself answered with: out of memory, not permitted, and so on. */
function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/**
 * ioredis sends again what a broken connection left unanswered, except the rest of a pipeline that was answered in part,
 * and nothing that a replica refused. Both are sent again here, once. Every command of this store may be.
 */
async function completed<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    const again = error instanceof Error && (error.name === 'AbortError' || isReadOnly(error));
    if (!again) throw bare(error);
    return send().catch((refused: unknown) => Promise.reject(bare(refused)));
  }
}

/**
 * What undoes a write is sent until it is answered, since ioredis may give it up and send the write itself again. Each round
 * waits for the connection, and closing the client ends it.
 */
async function persistent<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await completed(send);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'MaxRetriesPerRequestError') throw error;
    }
  }
}

/** ioredis hangs the command on its errors, with the hash and the data in it: they would end up in events and logs. */
function bare(error: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return Object.assign(new Error(message), { name });
}

/** What a command failed with, and below it what its connection failed with. */
function withCause(error: unknown, trouble: Error | undefined): Error {
  const told = bare(error);
  return trouble ? Object.assign(told, { cause: bare(trouble) }) : told;
}

const parts = 10;

/**
 * Settles in time whatever the client does; a late answer is nobody's business any more. The time passes in parts: a
 * process that is busy elsewhere finds its timers due before it looks at answers that have long come, and a part that
 * took it too long counts for no more than a part.
 */
async function within<Answer>(deadlineMs: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    let left = parts;
    const pass = () => {
      if (left === 0) return reject(new Error(`Redis did not answer within ${deadlineMs} ms.`));
      left--;
      timer = setTimeout(pass, Math.ceil(deadlineMs / parts));
    };
    pass();
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
