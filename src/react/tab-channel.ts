/**
 * The other tabs of this browser. They are told to look, and nothing else: a message carries no data, and whoever
 * sends one does not get it. Where BroadcastChannel is absent or forbidden, nothing happens.
 */
export class TabChannel {
  readonly #onMessage: () => void;
  #channel: BroadcastChannel | null = null;

  constructor(onMessage: () => void) {
    this.#onMessage = onMessage;
  }

  open(name: string): void {
    this.#channel ??= openChannel(name);
    if (this.#channel) this.#channel.onmessage = this.#onMessage;
  }

  readonly broadcast = (): void => {
    this.#channel?.postMessage('look');
  };

  close(): void {
    this.#channel?.close();
    this.#channel = null;
  }
}

function openChannel(name: string): BroadcastChannel | null {
  try {
    return new BroadcastChannel(name);
  } catch {
    // Absent, or refused by a browser that keeps no data for this site.
    return null;
  }
}
