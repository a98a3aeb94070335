import { Cell } from './cell.ts';
import { isSignedOutError, type SessionActions } from './client.ts';
import {
  applyAnswer,
  applyFailure,
  emptyKnowledge,
  type FailedAnswer,
  type Knowledge,
  type SessionAnswer,
  toKnowledge,
} from './knowledge.ts';
import { getData, getId, isNewer, type KnownView } from './order-views.ts';
import { type PendingChange, PendingChanges, toPatch, type ViewChange } from './pending-changes.ts';
import { isPromise, receiveWhenKnown, type SessionSource } from './source.ts';
import { keepReferences, type SessionState, type SettledSession, toState } from './state.ts';

/** What the provider's props tie a store to. */
export interface Bindings<View, Patch> {
  readonly client: SessionActions<View, Patch>;
  readonly onIdentityChange?: ((next: KnownView<View>) => void) | undefined;
}

/** Why something is asked. */
interface Question {
  /** Another tab said so: telling the tabs again would echo for ever. */
  readonly quiet: boolean;
  /** An answer of "nobody" arrived before this was asked: a second one is believed. */
  readonly confirms: boolean;
}

/**
 * What one provider knows: the newest confirmed answer, and the changes on their way, replayed over it. Starts nothing
 * by itself, so that it may be made while rendering.
 */
export class ViewStore<View, Patch> {
  /** What the server rendered, and so what hydration must begin with. */
  readonly readInitial: () => SessionState<View>;
  readonly #cell: Cell<SessionState<View>>;
  readonly #pending = new PendingChanges<View, Patch>();
  #bindings: Bindings<View, Patch>;
  #knowledge: Knowledge<View> = emptyKnowledge;
  /** Questions are numbered as they are asked. */
  #asked = 0;
  #answered = 0;
  /** Questions up to this one were asked before our own last change was settled. */
  #overtaken = 0;
  #settled: Promise<null> | null = null;
  #broadcast: () => void = () => {};

  constructor(source: SessionSource<View>, bindings: Bindings<View, Patch>) {
    this.#bindings = bindings;
    if (source && !isPromise(source)) this.#knowledge = toKnowledge(source);
    const initial = this.#project(this.#knowledge);
    this.readInitial = () => initial;
    this.#cell = new Cell(initial);
  }

  readonly read = (): SessionState<View> => this.#cell.read();

  readonly subscribe = (listener: () => void): (() => void) => this.#cell.subscribe(listener);

  /** Asks the server, because of something that happened here. Never rejects. */
  readonly refetch = (): Promise<void> => this.#ask({ quiet: false, confirms: false });

  /** Asks the server because another tab said so. Never rejects. */
  readonly refetchQuietly = (): Promise<void> => this.#ask({ quiet: true, confirms: false });

  /** The same object until something is learnt. */
  get knowledge(): Knowledge<View> {
    return this.#knowledge;
  }

  bind(bindings: Bindings<View, Patch>): void {
    this.#bindings = bindings;
  }

  /** Names who tells the other tabs to look. */
  setBroadcast(broadcast: () => void): void {
    this.#broadcast = broadcast;
  }

  /** Resolves as soon as anything is known. The same promise every time. */
  settled(): Promise<null> {
    this.#settled ??= this.#cell.next();
    return this.#settled;
  }

  /** What a component sees of one answer by itself. */
  stateOf(answer: SessionAnswer<View>): SettledSession<View> {
    return this.#project(toKnowledge(answer)) as SettledSession<View>;
  }

  /** Takes in what the provider was given, by the same rules as every other answer. */
  offer(source: SessionSource<View>): void {
    if (source) receiveWhenKnown(source, this.#createReceiver({ quiet: false, confirms: false }));
    else if (this.read().status === 'loading' && this.#asked === 0) void this.refetch();
  }

  /** Shows a change at once and sends it after those before it. Rejects with the original error, and rolls back. */
  async change(change: ViewChange<View, Patch>): Promise<View> {
    toPatch(change, this.read().data);
    const pending = this.#pending.add(change);
    this.#publish();
    return this.#pending.inTurn(() => this.#send(pending));
  }

  async #send(pending: PendingChange<View, Patch>): Promise<View> {
    if (!this.#pending.has(pending)) throw new Error(otherSession);
    try {
      const patch = toPatch(pending.change, getData(this.#knowledge.known));
      pending.change = patch;
      const answer = await this.#bindings.client.set(patch);
      this.#settle(pending);
      this.#applyAnswer(answer, true);
      this.#broadcast();
      return answer.data;
    } catch (error) {
      this.#settle(pending);
      this.#publish();
      void this.#ask({ quiet: false, confirms: isSignedOutError(error) });
      throw error;
    }
  }

  #settle(pending: PendingChange<View, Patch>): void {
    this.#pending.drop(pending);
    this.#overtaken = this.#asked;
  }

  async #ask(question: Question): Promise<void> {
    const receive = this.#createReceiver(question);
    await receive(await this.#answer());
  }

  async #answer(): Promise<SessionAnswer<View>> {
    try {
      return await this.#bindings.client.get();
    } catch (error) {
      // A refusal carries no time of its own, so it is placed right after what is known.
      if (isSignedOutError(error)) return { status: 'unauthenticated', at: (this.#knowledge.known?.at ?? -1) + 1 };
      return { status: 'unavailable', at: null, error };
    }
  }

  /** Numbers a question, and answers what to call with its answer. */
  #createReceiver(question: Question): (answer: SessionAnswer<View>) => Promise<void> {
    this.#asked += 1;
    const number = this.#asked;
    return (answer) => this.#receive(answer, question, number);
  }

  async #receive(answer: SessionAnswer<View>, { quiet, confirms }: Question, number: number): Promise<void> {
    if (number <= this.#overtaken) return this.#ask({ quiet, confirms: false });
    if (answer.status === 'unavailable') return this.#applyFailure(answer, number);
    this.#answered = Math.max(this.#answered, number);
    const { known } = this.#knowledge;
    const signsOut = getId(known) !== null && getId(answer) === null && isNewer(known, answer);
    if (signsOut && !confirms) return this.#ask({ quiet, confirms: true });
    this.#applyAnswer(answer, quiet);
  }

  #applyFailure(answer: FailedAnswer, number: number): void {
    if (number < this.#answered) return;
    this.#knowledge = applyFailure(this.#knowledge, answer);
    this.#publish();
  }

  #applyAnswer(answer: KnownView<View>, quiet: boolean): void {
    const { known: before } = this.#knowledge;
    this.#knowledge = applyAnswer(this.#knowledge, answer);
    const { known } = this.#knowledge;
    const changed = before !== null && known !== null && getId(before) !== getId(known);
    if (changed) this.#changeIdentity(known);
    this.#publish();
    if (changed && !quiet) this.#broadcast();
  }

  /** The app hears of it before its components do, so that none renders what was another's. */
  #changeIdentity(next: KnownView<View>): void {
    this.#pending.clear();
    try {
      this.#bindings.onIdentityChange?.(next);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #publish(): void {
    this.#cell.write(keepReferences(this.read(), this.#project(this.#knowledge)));
  }

  #project({ known, failure }: Knowledge<View>): SessionState<View> {
    const view = getData(known);
    const data = view === null ? null : this.#pending.over(view);
    return toState({ known, data, failure, refetch: this.refetch });
  }
}

const otherSession =
  'The session became another one before this change was sent, so nothing was written. Call setSession again.';
