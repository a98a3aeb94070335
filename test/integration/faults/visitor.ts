import { CookieJar } from '../../_support/http.ts';

export type Route = 'hello' | 'me' | 'bump' | 'renew' | 'signIn' | 'signOut' | 'page';

export interface Answer {
  /** Who asked, and what they had been told by then. */
  readonly who: Pick<Visitor, 'name' | 'isSignedIn' | 'mayBeGone'>;
  readonly route: Route;
  readonly status: number;
  /** Of a refusal: tRPC's code, or a page's status, and the reason. */
  readonly refusal: { readonly code: string | number; readonly reason: string | null } | null;
  readonly result: { readonly userId?: string; readonly count?: number };
  readonly setCookies: readonly string[];
  /** All of it: headers and body. */
  readonly text: string;
  /** By how much it outlasted the deadline of one call. */
  readonly overdueMs: number;
}

/** Sends the request of a visitor. */
export type Ask = (who: Visitor, route: Route) => Promise<Answer>;

/** A browser of one user, and what its user was told: the invariants hold the store to it. */
export class Visitor {
  readonly name: string;
  readonly jar = new CookieJar();
  isSignedIn = false;
  /** An end of the session went unanswered: it may have come to pass, or not. */
  mayBeGone = false;
  /** Increments that were answered with success, and those that were not answered. */
  acknowledged = 0;
  unknown = 0;
  /** Cookies whose session ended before the visitor's eyes. */
  readonly ended: string[] = [];
  readonly #ask: Ask;

  constructor(name: string, ask: Ask) {
    this.name = name;
    this.#ask = ask;
  }

  readonly hello = (): Promise<Answer> => this.#ask(this, 'hello');
  readonly me = (): Promise<Answer> => this.#ask(this, 'me');
  readonly page = (): Promise<Answer> => this.#ask(this, 'page');

  readonly bump = async (): Promise<Answer> => {
    const answer = await this.#ask(this, 'bump');
    if (answer.status === 200) this.acknowledged++;
    if (answer.status === 503) this.unknown++;
    return answer;
  };

  readonly renew = async (): Promise<Answer> => {
    const before = this.jar.header;
    const answer = await this.#ask(this, 'renew');
    if (answer.status === 200) this.ended.push(before);
    return answer;
  };

  readonly signIn = async (): Promise<Answer> => {
    const before = this.jar.header;
    const answer = await this.#ask(this, 'signIn');
    if (answer.status !== 200) {
      // Whoever was signed in already may have lost that session to a new one that was undone.
      this.mayBeGone ||= this.isSignedIn;
      return answer;
    }
    if (this.isSignedIn) this.ended.push(before);
    Object.assign(this, { isSignedIn: true, mayBeGone: false, acknowledged: 0, unknown: 0 });
    return answer;
  };

  readonly signOut = async (): Promise<Answer> => {
    const before = this.jar.header;
    const answer = await this.#ask(this, 'signOut');
    if (answer.status === 503) this.mayBeGone = true;
    if (answer.status !== 200) return answer;
    this.ended.push(before);
    Object.assign(this, { isSignedIn: false, mayBeGone: false });
    return answer;
  };

  /** Their session was ended by somebody else, or lost by the fault; its cookie stays with the browser. */
  lose(): void {
    this.ended.push(this.jar.header);
    Object.assign(this, { isSignedIn: false, mayBeGone: false });
  }
}
