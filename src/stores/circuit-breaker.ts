/** How long an open circuit lets nothing pass before it lets one call through to see. */
const probeEveryMs = 250;

/** A call, as far as the circuit cares. */
export interface CircuitCall {
  readonly key: string;
  /** Whether what it writes has to be undone when its answer stays away. */
  readonly undoable: boolean;
  /** Whether it is of the kind that undoes. */
  readonly undoes: boolean;
}

/**
 * Refuses calls at once while the store is known not to answer, so that none pile up. A call that went unanswered opens
 * the circuit if nothing at all was answered since it was asked; any answer, a late one too, closes it. In between one
 * call passes every 250 ms, the next one first, so that a visitor after an outage finds it over. Needs no timer.
 */
export class CircuitBreaker {
  #answeredAt = Number.NEGATIVE_INFINITY;
  #isOpen = false;
  /** When a call last passed the open circuit. */
  #triedAt = Number.NEGATIVE_INFINITY;
  /** Keys with a write that went unanswered: what undoes it has to be sent after it, whenever both arrive. */
  readonly #owing = new Set<string>();

  /** Whether this call undoes a write that went unanswered: it always passes, once. */
  owes({ key, undoes }: CircuitCall): boolean {
    return undoes && this.#owing.delete(key);
  }

  /** Whether any other call may pass. */
  admits(): boolean {
    if (!this.#isOpen) return true;
    const now = performance.now();
    if (now - this.#triedAt < probeEveryMs) return false;
    this.#triedAt = now;
    return true;
  }

  answered(): void {
    this.#answeredAt = performance.now();
    this.#isOpen = false;
    this.#triedAt = Number.NEGATIVE_INFINITY;
    this.#owing.clear();
  }

  unanswered({ key, undoable }: CircuitCall, askedAt: number): void {
    if (undoable) this.#owing.add(key);
    if (this.#answeredAt < askedAt) this.#isOpen = true;
  }
}
