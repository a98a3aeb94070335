/** A timeout that is replaced when it is set again. */
export class Timer {
  #timeout: ReturnType<typeof setTimeout> | undefined;

  set(ms: number, callback: () => void): void {
    this.clear();
    this.#timeout = setTimeout(callback, ms);
  }

  clear(): void {
    clearTimeout(this.#timeout);
  }
}
