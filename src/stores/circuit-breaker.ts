/** How often an open circuit lets one call through as a probe. */
const probeEveryMs = 250;

/** What the circuit has to know about a call. */
export interface CircuitCall {
  readonly key: string;
  /** True for a write that the core undoes when its reply is lost. */
  readonly needsUndo: boolean;
  /** True for a write that can undo another one. */
  readonly canUndo: boolean;
}

/**
 * Rejects calls immediately while Redis does not respond, so that requests do not pile up behind their deadlines.
 *
 * The circuit opens when a call gets no reply and no other call has got one since it was sent. Any reply closes it,
 * even a late one. While it is open, one call passes every 250 ms, starting with the next one, so that the first
 * visitor after an outage is served. It needs no timer.
 */
export class CircuitBreaker {
  #isOpen = false;
  #lastReplyAt = Number.NEGATIVE_INFINITY;
  #lastProbeAt = Number.NEGATIVE_INFINITY;
  /**
   * Keys with a write whose reply was lost. That write may still take effect, so the write that undoes it must be sent
   * even while the circuit is open. Otherwise a session that no browser can open would remain, or a user would be
   * signed out.
   */
  readonly #keysToUndo = new Set<string>();

  /** Returns true once for a call that undoes a write whose reply was lost. Such a call must be sent. */
  takePendingUndo({ key, canUndo }: CircuitCall): boolean {
    return canUndo && this.#keysToUndo.delete(key);
  }

  /** Returns whether any other call may be sent now. While the circuit is open, true makes that call the probe. */
  allowCall(): boolean {
    if (!this.#isOpen) return true;
    const now = performance.now();
    if (now - this.#lastProbeAt < probeEveryMs) return false;
    this.#lastProbeAt = now;
    return true;
  }

  recordReply(): void {
    this.#lastReplyAt = performance.now();
    this.#isOpen = false;
    this.#lastProbeAt = Number.NEGATIVE_INFINITY;
    this.#keysToUndo.clear();
  }

  /** @param sentAt When the call was sent, by `performance.now()`. */
  recordLostReply({ key, needsUndo }: CircuitCall, sentAt: number): void {
    if (needsUndo) this.#keysToUndo.add(key);
    if (this.#lastReplyAt < sentAt) this.#isOpen = true;
  }
}
