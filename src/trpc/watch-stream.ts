import { isObservable, type Observable, observable } from '@trpc/server/observable';

export interface StreamWatch {
  readonly everyMs: number;
  /** Aborts when the stream's client has left. */
  readonly signal: AbortSignal | undefined;
  /** Looks whether the stream's session lives. */
  stillAlive(): Promise<boolean>;
  /** The error that ends the stream. */
  gone(): Error;
}

/** Why a stream ends before its source does. */
type Interruption = 'gone' | 'left';

/** The longest that a timer can wait. */
const longestWaitMs = 2 ** 31 - 1;

/**
 * What a procedure answered, if it is a stream ended with the error of `gone` within `everyMs` and one look after its
 * session ended. A look that fails proves nothing and ends nothing.
 */
export function watchOutput(output: unknown, watch: StreamWatch): unknown {
  if (isStream(output)) return alreadyWatched.has(output) ? output : markWatched(watchStream(output, watch));
  return isObservable(output) ? watchObservable(output, watch) : output;
}

/** Guards may stand on guards; one watch is enough. */
const alreadyWatched = new WeakSet<object>();

function markWatched<Stream extends object>(stream: Stream): Stream {
  alreadyWatched.add(stream);
  return stream;
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/** No generator: one that waits for its source could not be ended before the source speaks again. */
function watchStream(stream: AsyncIterable<unknown>, watch: StreamWatch): AsyncIterableIterator<unknown> {
  const source = stream[Symbol.asyncIterator]();
  let interruption: Interruption | null = null;
  let interrupt = (): void => {};
  let stop: (() => void) | null = null;
  const close = (): void => {
    stop?.();
    // Not waited for: a source that is stuck between two values would keep the stream open.
    Promise.resolve(source.return?.()).catch(() => {});
  };
  const start = (): (() => void) =>
    startSessionCheck(watch, (why) => {
      interruption = why;
      interrupt();
    });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      stop ??= start();
      const won = interruption ?? (await raceSource(source, stop, (end) => (interrupt = end)));
      if (typeof won === 'object' && won !== null) return won;
      close();
      if (interruption === 'gone') {
        interruption = 'left';
        throw watch.gone();
      }
      return { done: true, value: undefined };
    },
    async return(value) {
      close();
      return { done: true, value };
    },
  };
}

/**
 * The source's next value, or null when it is interrupted first. A race with one promise for the whole stream would keep
 * every value of it in memory.
 */
async function raceSource(
  source: AsyncIterator<unknown>,
  stop: () => void,
  onInterrupt: (end: () => void) => void,
): Promise<IteratorResult<unknown> | null> {
  const won = await new Promise<IteratorResult<unknown> | null>((resolve, reject) => {
    onInterrupt(() => resolve(null));
    source.next().then(resolve, (error: unknown) => {
      stop();
      reject(error);
    });
  });
  if (won?.done) stop();
  return won;
}

function watchObservable(source: Observable<unknown, unknown>, watch: StreamWatch): Observable<unknown, unknown> {
  return observable((observer) => {
    const stop = startSessionCheck(watch, (why) => {
      if (why === 'gone') observer.error(watch.gone());
      else observer.complete();
    });
    const subscription = source.subscribe(observer);
    return () => {
      stop();
      subscription.unsubscribe();
    };
  });
}

/** Looks every now and then; rings once, unless it is stopped before. */
function startSessionCheck(
  { everyMs, signal, stillAlive }: StreamWatch,
  ring: (why: Interruption) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  };
  const end = (why: Interruption): void => {
    stop();
    ring(why);
  };
  const leave = (): void => end('left');
  const look = async (): Promise<void> => {
    const alive = await stillAlive().catch(() => true);
    if (stopped) return;
    if (alive) wait();
    else end('gone');
  };
  const wait = (): void => {
    timer = setTimeout(look, Math.min(everyMs, longestWaitMs));
  };
  wait();
  if (signal?.aborted) leave();
  else signal?.addEventListener('abort', leave);
  return stop;
}
