/** One call that waits for its reply. */
export interface Deadline {
  partsLeft: number;
  /** Called once, at the deadline. */
  readonly onExpire: () => void;
}

const parts = 20;

/**
 * The deadlines of all pending calls, with one timer for all of them.
 *
 * A deadline is counted in twenty parts. When a process has been busy, its due timers run before the replies that arrived
 * meanwhile, so a single timer would blame Redis for the delay. A part counts only once, however long the process was
 * busy. A call starts between two parts, so it may wait up to one part longer than the deadline.
 */
export class Deadlines {
  readonly #partMs: number;
  readonly #pending = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deadlineMs: number) {
    this.#partMs = Math.ceil(deadlineMs / parts);
  }

  add(onExpire: () => void): Deadline {
    const deadline = { partsLeft: parts, onExpire };
    this.#pending.add(deadline);
    this.#timer ??= setTimeout(this.#countPart, this.#partMs);
    return deadline;
  }

  remove(deadline: Deadline): void {
    this.#pending.delete(deadline);
    if (this.#pending.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #countPart = (): void => {
    this.#timer = undefined;
    for (const deadline of this.#pending) {
      deadline.partsLeft -= 1;
      if (deadline.partsLeft >= 0) continue;
      this.#pending.delete(deadline);
      deadline.onExpire();
    }
    if (this.#pending.size > 0) this.#timer ??= setTimeout(this.#countPart, this.#partMs);
  };
}
