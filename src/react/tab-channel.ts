/** The channel to the other tabs of this browser. */
export interface TabChannel {
  open(name: string): void;
  /** Makes the other tabs refetch. */
  broadcast(): void;
  close(): void;
}

/**
 * Creates the channel to the other tabs. A message only makes them refetch: it carries no data, and its sender does not
 * receive it. If BroadcastChannel is absent or forbidden, messages are dropped.
 */
export function createTabChannel(onMessage: () => void): TabChannel {
  let channel: BroadcastChannel | null = null;
  return {
    open(name) {
      try {
        channel ??= new BroadcastChannel(name);
        channel.onmessage = onMessage;
      } catch {
        // Absent, or refused by a browser that stores no data for this site.
      }
    },
    broadcast() {
      channel?.postMessage('refetch');
    },
    close() {
      channel?.close();
      channel = null;
    },
  };
}
