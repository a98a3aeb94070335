import { CookieJar } from '../../_support/http.ts';

export type Route = 'hello' | 'me' | 'increment' | 'regenerate' | 'signIn' | 'signOut' | 'page';

export interface AppResponse {
  /** The visitor that sent the request, in the state before the response. */
  readonly who: Pick<Visitor, 'name' | 'isSignedIn' | 'mayBeSignedOut'>;
  readonly route: Route;
  readonly status: number;
  /** The error, if there is one: tRPC's code, or the status of a page, and the reason. */
  readonly refusal: { readonly code: string | number; readonly reason: string | null } | null;
  readonly result: { readonly userId?: string; readonly count?: number };
  readonly setCookies: readonly string[];
  /** All headers and the body. */
  readonly text: string;
  /** How much longer it took than the deadline of one store call. */
  readonly overdueMs: number;
}

export type SendRequest = (who: Visitor, route: Route) => Promise<AppResponse>;

/** A browser of one user. Remembers what the app has confirmed, so that the invariants can compare it with Redis. */
export class Visitor {
  readonly name: string;
  readonly jar = new CookieJar();
  isSignedIn = false;
  /** True if the response to a request that ends the session was lost: the session may have ended or not. */
  mayBeSignedOut = false;
  /** Increments that the app confirmed, and increments whose response was an error. */
  acknowledged = 0;
  unacknowledged = 0;
  /** Cookies of sessions that this visitor saw end. */
  readonly endedCookies: string[] = [];
  readonly #send: SendRequest;

  constructor(name: string, send: SendRequest) {
    this.name = name;
    this.#send = send;
  }

  readonly hello = (): Promise<AppResponse> => this.#send(this, 'hello');
  readonly me = (): Promise<AppResponse> => this.#send(this, 'me');
  readonly page = (): Promise<AppResponse> => this.#send(this, 'page');

  readonly increment = async (): Promise<AppResponse> => {
    const response = await this.#send(this, 'increment');
    if (response.status === 200) this.acknowledged++;
    if (response.status === 503) this.unacknowledged++;
    return response;
  };

  readonly regenerate = async (): Promise<AppResponse> => {
    const before = this.jar.header;
    const response = await this.#send(this, 'regenerate');
    if (response.status === 200) this.endedCookies.push(before);
    return response;
  };

  readonly signIn = async (): Promise<AppResponse> => {
    const before = this.jar.header;
    const response = await this.#send(this, 'signIn');
    if (response.status !== 200) {
      // The new session may have replaced the earlier one before it was undone.
      this.mayBeSignedOut ||= this.isSignedIn;
      return response;
    }
    if (this.isSignedIn) this.endedCookies.push(before);
    Object.assign(this, { isSignedIn: true, mayBeSignedOut: false, acknowledged: 0, unacknowledged: 0 });
    return response;
  };

  readonly signOut = async (): Promise<AppResponse> => {
    const before = this.jar.header;
    const response = await this.#send(this, 'signOut');
    if (response.status === 503) this.mayBeSignedOut = true;
    if (response.status !== 200) return response;
    this.endedCookies.push(before);
    Object.assign(this, { isSignedIn: false, mayBeSignedOut: false });
    return response;
  };

  /** Records that an administrator or the fault ended the session. The browser keeps the cookie. */
  markSignedOut(): void {
    this.endedCookies.push(this.jar.header);
    Object.assign(this, { isSignedIn: false, mayBeSignedOut: false });
  }
}
