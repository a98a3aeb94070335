export interface Watch {
  readonly everyMs: number;
  /** Looks whether the stream's session lives. */
  stillAlive(): Promise<boolean>;
  /** The error that ends the stream. */
  gone(): Error;
}

/** Whether a procedure answered with a stream. */
export function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/**
 * The same stream, ended with the error of `gone` within `everyMs` and one look after its session ended. A look that fails
 * proves nothing and ends nothing.
 */
export async function* watched(
  stream: AsyncIterable<unknown>,
  { everyMs, stillAlive, gone }: Watch,
): AsyncGenerator<unknown, void, undefined> {
  const source = stream[Symbol.asyncIterator]();
  const alarm = startAlarm(everyMs, stillAlive);
  try {
    for (let next = source.next(); ; next = source.next()) {
      const won = await Promise.race([next, alarm.rang]);
      if (won === 'gone') throw gone();
      if (won.done) return;
      yield won.value;
    }
  } finally {
    alarm.stop();
    // Not waited for: a source that is stuck between two values would keep the stream open.
    void Promise.resolve(source.return?.()).catch(() => {});
  }
}

interface Alarm {
  readonly rang: Promise<'gone'>;
  stop(): void;
}

function startAlarm(everyMs: number, stillAlive: Watch['stillAlive']): Alarm {
  let timer: ReturnType<typeof setTimeout>;
  let stopped = false;
  const rang = new Promise<'gone'>((resolve) => {
    const look = async (): Promise<void> => {
      const alive = await stillAlive().catch(() => true);
      if (!alive) resolve('gone');
      else if (!stopped) timer = setTimeout(look, everyMs);
    };
    timer = setTimeout(look, everyMs);
  });
  return {
    rang,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
