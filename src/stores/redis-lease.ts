/** How long the kept sessions may be used after a proof that they are current, in milliseconds. */
export const leaseMs = 500;

/** A moment on both clocks of the process, in milliseconds. */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

const never: Moment = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };

/** Says how old the last proof is. A proof is a beat that came back on the connection that reports changes. */
export class Lease {
  #provenAt = never;

  isValid(): boolean {
    const { monotonic, wall } = this.#provenAt;
    // While a virtual machine is suspended, its monotonic clock may stand still.
    return performance.now() - monotonic < leaseMs && Date.now() - wall < leaseMs;
  }

  /** Returns the name of a beat that is sent now. */
  createBeat(): string {
    return `${performance.now()} ${Date.now()}`;
  }

  /** Renews the lease from the time when this beat was sent, however long it took to come back. */
  renew(beat: string): void {
    const [monotonic = Number.NaN, wall = Number.NaN] = beat.split(' ').map(Number);
    if (monotonic > this.#provenAt.monotonic) this.#provenAt = { monotonic, wall };
  }

  end(): void {
    this.#provenAt = never;
  }
}
