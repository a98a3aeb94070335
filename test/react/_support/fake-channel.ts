/** A BroadcastChannel that delivers in the next microtask, to every channel of its name except the sender. */
export class FakeChannel {
  static readonly open: Set<FakeChannel> = new Set();
  static posted: { readonly name: string; readonly data: unknown }[] = [];
  readonly name: string;
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor(name: string) {
    this.name = name;
    FakeChannel.open.add(this);
  }

  postMessage(data: unknown): void {
    FakeChannel.posted.push({ name: this.name, data });
    for (const other of FakeChannel.open) {
      if (other !== this && other.name === this.name) queueMicrotask(() => other.onmessage?.({ data }));
    }
  }

  close(): void {
    this.onmessage = null;
    FakeChannel.open.delete(this);
  }

  static reset(): void {
    FakeChannel.open.clear();
    FakeChannel.posted = [];
  }
}
