import type { SessionTypes } from '../options.ts';
import type { Address } from '../ports/stored-session.ts';
import type { Exchange } from '../request/exchange.ts';
import { isAbsent, locateSession } from './locate-session.ts';
import type { Session } from './session.ts';

/** A session, and what to do when it has ended. */
export interface SessionWatch<T extends SessionTypes> {
  readonly session: Pick<Session<T>, 'get'>;
  /** Where the session is that the request itself has started. */
  readonly issued: Address | null;
  onEnd(): void;
}

/** The longest delay of a timer. Node fires at once if it is longer. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Reads a session when the store says that it has changed, and every `watchEvery`. If a read fails, the watch continues:
 * an outage ends no session.
 */
export function watchSession<T extends SessionTypes>(
  exchange: Exchange<T>,
  { session, issued, onEnd }: SessionWatch<T>,
): () => void {
  const { store, watchEveryMs, closeListeners } = exchange.engine;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unwatchKey = (): void => {};
  let isStopped = false;
  let isChecking = false;
  let hasChanged = false;
  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
    unwatchKey();
    closeListeners.delete(stop);
  };
  const isAlive = async () => (await session.get({ passive: true, fresh: true })) !== null;
  const check = async (): Promise<void> => {
    hasChanged = true;
    if (isChecking) return;
    isChecking = true;
    clearTimeout(timer);
    let isEnded = false;
    // A change during the read may have come after what was read.
    while (hasChanged && !isEnded && !isStopped) {
      hasChanged = false;
      isEnded = !(await isAlive().catch(() => true));
    }
    isChecking = false;
    if (isStopped) return;
    if (!isEnded) return schedule();
    stop();
    onEnd();
  };
  const schedule = (): void => {
    timer = setTimeout(check, Math.min(watchEveryMs, maxTimerMs));
  };
  const watchKey = async (): Promise<void> => {
    const found = issued ?? (await locateSession(exchange));
    if (isStopped || isAbsent(found) || !store.watch) return;
    unwatchKey = store.watch(found.key, check);
    // The session may have ended since the caller read it.
    await check();
  };
  schedule();
  closeListeners.add(stop);
  void watchKey();
  return stop;
}
