/** A value that components can follow with `useSyncExternalStore`. */
export class Cell<Value> {
  readonly #listeners = new Set<() => void>();
  #value: Value;

  constructor(initial: Value) {
    this.#value = initial;
  }

  readonly read = (): Value => this.#value;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Tells nobody where the value is the same. */
  write(value: Value): void {
    if (value === this.#value) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Resolves when the value is another. */
  next(): Promise<null> {
    return new Promise((resolve) => {
      const stop = this.subscribe(() => {
        stop();
        resolve(null);
      });
    });
  }
}
