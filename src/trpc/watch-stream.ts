import { isObservable, type Observable, observable } from '@trpc/server/observable';

export interface StreamWatch {
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal | undefined;
  /** Calls the function when the manager is closed. Returns a function that removes it. */
  onClose(listener: () => void): () => void;
  /** Calls the function once the session has ended. Returns a function that stops watching. */
  watchSession(onEnd: () => void): () => void;
  /** Creates the error that the stream ends with if the session has ended. */
  createEndError(): Error;
}

/** Why a stream is stopped before its source ends. `disconnected`: also if the manager was closed. */
type Interruption = 'ended' | 'disconnected';

/**
 * Wraps a stream so that it ends with an error after its session has ended. Outputs that are not streams are returned
 * unchanged.
 */
export function watchOutput(output: unknown, watch: StreamWatch): unknown {
  if (isStream(output)) return watchedStreams.has(output) ? output : markWatched(watchStream(output, watch));
  return isObservable(output) ? watchObservable(output, watch) : output;
}

/** Streams that are watched already. Two guards on one procedure would read the session twice as often. */
const watchedStreams = new WeakSet<object>();

function markWatched<Stream extends object>(stream: Stream): Stream {
  watchedStreams.add(stream);
  return stream;
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/** Not written as a generator: while a generator waits for its source, `return()` cannot end it. */
function watchStream(stream: AsyncIterable<unknown>, watch: StreamWatch): AsyncIterableIterator<unknown> {
  const source = stream[Symbol.asyncIterator]();
  let interruption: Interruption | null = null;
  let interrupt = (): void => {};
  let stopCheck: (() => void) | null = null;
  const close = (): void => {
    stopCheck?.();
    // Not awaited: a source that never yields again would keep the stream open.
    Promise.resolve(source.return?.()).catch(() => {});
  };
  const startCheck = (): (() => void) =>
    startSessionCheck(watch, (reason) => {
      interruption = reason;
      interrupt();
    });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      stopCheck ??= startCheck();
      const result = interruption ?? (await raceSource(source, stopCheck, (callback) => (interrupt = callback)));
      if (typeof result === 'object' && result !== null) return result;
      close();
      if (interruption === 'ended') {
        // The error is thrown once. After it, the iterator is done.
        interruption = 'disconnected';
        throw watch.createEndError();
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
 * Resolves to the source's next result, or to null if the stream is interrupted first. Each call makes a promise of its
 * own: racing against one promise for the whole stream would keep every value of the stream in memory.
 */
async function raceSource(
  source: AsyncIterator<unknown>,
  stopCheck: () => void,
  onInterrupt: (callback: () => void) => void,
): Promise<IteratorResult<unknown> | null> {
  const result = await new Promise<IteratorResult<unknown> | null>((resolve, reject) => {
    onInterrupt(() => resolve(null));
    source.next().then(resolve, (error: unknown) => {
      stopCheck();
      reject(error);
    });
  });
  if (result?.done) stopCheck();
  return result;
}

function watchObservable(source: Observable<unknown, unknown>, watch: StreamWatch): Observable<unknown, unknown> {
  return observable((observer) => {
    const stopCheck = startSessionCheck(watch, (reason) => {
      if (reason === 'ended') observer.error(watch.createEndError());
      else observer.complete();
    });
    const subscription = source.subscribe(observer);
    return () => {
      stopCheck();
      subscription.unsubscribe();
    };
  });
}

/** Calls `onInterrupt` once, unless the returned function was called before. */
function startSessionCheck(
  { signal, onClose, watchSession }: StreamWatch,
  onInterrupt: (reason: Interruption) => void,
): () => void {
  const stop = (): void => {
    unwatch();
    removeCloseListener();
    signal?.removeEventListener('abort', disconnect);
  };
  const end = (reason: Interruption): void => {
    stop();
    onInterrupt(reason);
  };
  const disconnect = (): void => end('disconnected');
  const unwatch = watchSession(() => end('ended'));
  const removeCloseListener = onClose(disconnect);
  signal?.addEventListener('abort', disconnect);
  if (signal?.aborted) disconnect();
  return stop;
}
