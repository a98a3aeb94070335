import type { SessionView } from '../core/session/view.ts';
import { type FailedAnswer, type SessionAnswer, toFailedAnswer } from './fetch-state.ts';
import { getId, isNewer, type KnownView } from './known-view.ts';
import { isSignedOutError } from './refetch-error.ts';

/** A request without a response for this long has failed. A response that still arrives later counts. */
const responseTimeoutMs = 10_000;

/** How the answer to a request is treated. */
export interface RequestPurpose {
  /** Whether a new identity is not broadcast. A refetch for another tab is silent, or the tabs would refetch for ever. */
  readonly silent: boolean;
  /** Whether the request follows a first signed-out answer, so that a second one signs the user out. */
  readonly confirmsSignOut: boolean;
}

/** A request of this tab. */
export const ownRequest: RequestPurpose = { silent: false, confirmsSignOut: false };
/** A request that checks a refusal, or a deadline that has passed. */
export const confirmingRequest: RequestPurpose = { silent: false, confirmsSignOut: true };

/** Where the requests go, and where the answers that count go: the part of a store that is used here. */
interface RequestTarget<View> {
  readonly options: { readonly client: { get(): Promise<SessionView<View>> } };
  readonly fetchState: { readonly latest: KnownView<View> | null };
  applyAnswer(view: KnownView<View>, silent: boolean): void;
  applyFailure(answer: FailedAnswer): void;
}

/**
 * The requests for the view of one store. They are numbered, since their answers may arrive in any order, and an answer
 * that came too late does not count.
 */
export class ViewRequests<View> {
  readonly #target: RequestTarget<View>;
  #lastStarted = 0;
  #lastAnswered = 0;
  #lastDiscarded = 0;

  constructor(target: RequestTarget<View>) {
    this.#target = target;
  }

  hasStarted(): boolean {
    return this.#lastStarted > 0;
  }

  /** Sends a request, and resolves when its answer counts or was discarded, or after the timeout. Never rejects. */
  send(purpose: RequestPurpose): Promise<void> {
    const receive = this.start(purpose);
    return new Promise((resolve) => {
      const timeout = setTimeout(
        () => void receive(toFailedAnswer(new DOMException('No response.'))).then(resolve),
        responseTimeoutMs,
      );
      void this.#fetch().then((answer) => {
        clearTimeout(timeout);
        return receive(answer).then(resolve);
      });
    });
  }

  /** Numbers a request, and returns the callback for its answer. */
  start(purpose: RequestPurpose): (answer: SessionAnswer<View>) => Promise<void> {
    this.#lastStarted += 1;
    const number = this.#lastStarted;
    return (answer) => this.#receive(answer, purpose, number);
  }

  /** Discards the answers to all requests so far: they may be older than a change that has settled in the meantime. */
  discardPending(): void {
    this.#lastDiscarded = this.#lastStarted;
  }

  async #fetch(): Promise<SessionAnswer<View>> {
    try {
      return await this.#target.options.client.get();
    } catch (error) {
      // An error has no server time, so it counts as just after the latest view.
      if (isSignedOutError(error))
        return { status: 'unauthenticated', at: (this.#target.fetchState.latest?.at ?? -1) + 1 };
      return toFailedAnswer(error);
    }
  }

  async #receive(answer: SessionAnswer<View>, purpose: RequestPurpose, number: number): Promise<void> {
    const { silent, confirmsSignOut } = purpose;
    if (number <= this.#lastDiscarded) return this.send({ silent, confirmsSignOut: false });
    if (answer.status === 'unavailable') {
      if (number >= this.#lastAnswered) this.#target.applyFailure(answer);
      return;
    }
    this.#lastAnswered = Math.max(this.#lastAnswered, number);
    // A request that was sent with the cookie from before a sign-in says signed out by mistake, so a second one decides.
    if (this.#signsOut(answer) && !confirmsSignOut) return this.send({ silent, confirmsSignOut: true });
    this.#target.applyAnswer(answer, silent);
  }

  #signsOut(answer: KnownView<View>): boolean {
    const { latest } = this.#target.fetchState;
    return getId(latest) !== null && getId(answer) === null && isNewer(latest, answer);
  }
}
