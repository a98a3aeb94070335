import { Cell } from './cell.ts';
import { type SessionActions, saysSignedOut } from './client.ts';
import { type Answer, from, type Knowledge, learn, type Missed, miss, nothing } from './knowledge.ts';
import { dataOf, idOf, isNewer, type Known } from './ordering.ts';
import { type Change, type Pending, PendingChanges, patchOf } from './pending.ts';
import { isPromise, type SessionSource, whenKnown } from './source.ts';
import { type SessionState, type SettledSession, stateOf, steady } from './state.ts';

/** What the provider's props tie a store to. */
export interface Bindings<View, Patch> {
  readonly client: SessionActions<View, Patch>;
  readonly onIdentityChange?: ((next: Known<View>) => void) | undefined;
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
  #knowledge: Knowledge<View> = nothing;
  /** Questions are numbered as they are asked. */
  #asked = 0;
  #answered = 0;
  /** Questions up to this one were asked before our own last change was settled. */
  #overtaken = 0;
  #settled: Promise<null> | null = null;
  #tellTabs: () => void = () => {};

  constructor(source: SessionSource<View>, bindings: Bindings<View, Patch>) {
    this.#bindings = bindings;
    if (source && !isPromise(source)) this.#knowledge = from(source);
    const initial = this.#project(this.#knowledge);
    this.readInitial = () => initial;
    this.#cell = new Cell(initial);
  }

  readonly read = (): SessionState<View> => this.#cell.read();

  readonly subscribe = (listener: () => void): (() => void) => this.#cell.subscribe(listener);

  /** Asks the server, because of something that happened here. Never rejects. */
  readonly look = (): Promise<void> => this.#ask({ quiet: false, confirms: false });

  /** Asks the server because another tab said so. Never rejects. */
  readonly follow = (): Promise<void> => this.#ask({ quiet: true, confirms: false });

  /** The same object until something is learnt. */
  get knowledge(): Knowledge<View> {
    return this.#knowledge;
  }

  bind(bindings: Bindings<View, Patch>): void {
    this.#bindings = bindings;
  }

  /** Names who tells the other tabs to look. */
  tellTabsBy(tell: () => void): void {
    this.#tellTabs = tell;
  }

  /** Resolves as soon as anything is known. The same promise every time. */
  settled(): Promise<null> {
    this.#settled ??= this.#cell.next();
    return this.#settled;
  }

  /** What a component sees of one answer by itself. */
  stateOf(answer: Answer<View>): SettledSession<View> {
    return this.#project(from(answer)) as SettledSession<View>;
  }

  /** Takes in what the provider was given, by the same rules as every other answer. */
  offer(source: SessionSource<View>): void {
    if (source) whenKnown(source, this.#listen({ quiet: false, confirms: false }));
    else if (this.read().status === 'loading' && this.#asked === 0) void this.look();
  }

  /** Shows a change at once and sends it after those before it. Rejects with the original error, and rolls back. */
  async change(change: Change<View, Patch>): Promise<View> {
    patchOf(change, this.read().data);
    const pending = this.#pending.add(change);
    this.#publish();
    return this.#pending.inTurn(() => this.#send(pending));
  }

  async #send(pending: Pending<View, Patch>): Promise<View> {
    if (!this.#pending.has(pending)) throw new Error(otherSession);
    try {
      const patch = patchOf(pending.change, dataOf(this.#knowledge.known));
      pending.change = patch;
      const answer = await this.#bindings.client.set(patch);
      this.#settle(pending);
      this.#adopt(answer, true);
      this.#tellTabs();
      return answer.data;
    } catch (error) {
      this.#settle(pending);
      this.#publish();
      void this.#ask({ quiet: false, confirms: saysSignedOut(error) });
      throw error;
    }
  }

  #settle(pending: Pending<View, Patch>): void {
    this.#pending.drop(pending);
    this.#overtaken = this.#asked;
  }

  async #ask(question: Question): Promise<void> {
    const hear = this.#listen(question);
    await hear(await this.#answer());
  }

  async #answer(): Promise<Answer<View>> {
    try {
      return await this.#bindings.client.get();
    } catch (error) {
      // A refusal carries no time of its own, so it is placed right after what is known.
      if (saysSignedOut(error)) return { status: 'unauthenticated', at: (this.#knowledge.known?.at ?? -1) + 1 };
      return { status: 'unavailable', at: null, error };
    }
  }

  /** Numbers a question, and answers what to call with its answer. */
  #listen(question: Question): (answer: Answer<View>) => Promise<void> {
    this.#asked += 1;
    const number = this.#asked;
    return (answer) => this.#hear(answer, question, number);
  }

  async #hear(answer: Answer<View>, { quiet, confirms }: Question, number: number): Promise<void> {
    if (number <= this.#overtaken) return this.#ask({ quiet, confirms: false });
    if (answer.status === 'unavailable') return this.#miss(answer, number);
    this.#answered = Math.max(this.#answered, number);
    const { known } = this.#knowledge;
    const signsOut = idOf(known) !== null && idOf(answer) === null && isNewer(known, answer);
    if (signsOut && !confirms) return this.#ask({ quiet, confirms: true });
    this.#adopt(answer, quiet);
  }

  #miss(answer: Missed, number: number): void {
    if (number < this.#answered) return;
    this.#knowledge = miss(this.#knowledge, answer);
    this.#publish();
  }

  #adopt(answer: Known<View>, quiet: boolean): void {
    const { known: before } = this.#knowledge;
    this.#knowledge = learn(this.#knowledge, answer);
    const { known } = this.#knowledge;
    const changed = before !== null && known !== null && idOf(before) !== idOf(known);
    if (changed) this.#changeIdentity(known);
    this.#publish();
    if (changed && !quiet) this.#tellTabs();
  }

  /** The app hears of it before its components do, so that none renders what was another's. */
  #changeIdentity(next: Known<View>): void {
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
    this.#cell.write(steady(this.read(), this.#project(this.#knowledge)));
  }

  #project({ known, trouble }: Knowledge<View>): SessionState<View> {
    const view = dataOf(known);
    const data = view === null ? null : this.#pending.over(view);
    return stateOf({ known, data, trouble, refresh: this.look });
  }
}

const otherSession =
  'The session became another one before this change was sent, so nothing was written. Call setSession again.';
