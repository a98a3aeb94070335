/**
 * The channel to the other tabs of this browser. A message only makes them refetch: it carries no data, and its sender
 * does not receive it. If BroadcastChannel is absent or forbidden, messages are dropped.
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
    this.#channel?.postMessage('refetch');
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
    // Absent, or refused by a browser that stores no data for this site.
    return null;
  }
}
