/**
 * The other tabs of this browser. They are told to look, and nothing else: a message carries no data, and whoever
 * sends one does not get it. Where BroadcastChannel is absent or forbidden, nothing happens.
 */
export class Tabs {
  readonly #onTold: () => void;
  #channel: BroadcastChannel | null = null;

  constructor(onTold: () => void) {
    this.#onTold = onTold;
  }

  open(name: string): void {
    this.#channel ??= channelNamed(name);
    if (this.#channel) this.#channel.onmessage = this.#onTold;
  }

  readonly tell = (): void => {
    this.#channel?.postMessage('look');
  };

  close(): void {
    this.#channel?.close();
    this.#channel = null;
  }
}

function channelNamed(name: string): BroadcastChannel | null {
  try {
    return new BroadcastChannel(name);
  } catch {
    // Absent, or refused by a browser that keeps no data for this site.
    return null;
  }
}
