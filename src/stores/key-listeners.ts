/** Functions that are called when a key changes. */
export class KeyListeners {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Returns a function that removes the listener. */
  add(key: string, listener: () => void): () => void {
    // A function of its own: the same listener may be added twice.
    const own = (): void => listener();
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(own));
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  notify(key: string): void {
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }
}
