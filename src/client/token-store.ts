import { endedToken, tokenHeader, transportHeader } from '../core/ports/token-headers.ts';

/** Where the token of a client is kept: two functions over the secure storage of the platform. */
export interface TokenStorage {
  /** Returns the stored token, or null if there is none. Called before the first request, and after the token has ended. */
  load(): string | null | Promise<string | null>;
  /** Stores a new token. Null: removes the stored one. Calls do not overlap. */
  save(token: string | null): unknown;
}

/** A `fetch` that fits the `fetch` option of every tRPC link, and of the `eventsource` package. */
export type TokenFetch = (
  input: string | URL | Request,
  init?: RequestInit | { readonly headers?: RequestInit['headers'] | undefined },
) => Promise<Response>;

/** Keeps the token of one client. All functions can be destructured. */
export interface TokenStore {
  /**
   * Sends a request with the token, and without cookies. Stores a new token before it resolves, and removes one that the
   * server calls ended. Use it for the app's own API only, because it sends the token to every URL.
   *
   * @throws What `load` or `save` throws. A new token then still counts until the app ends.
   */
  readonly fetch: TokenFetch;
  /**
   * Returns the headers that ask for a token and carry the present one.
   *
   * @example createWSClient({ url, connectionParams: tokens.headers })
   */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /**
   * Removes the token from this device. For a sign-out without a network: it does not end the session on the server. Tokens
   * in the responses of earlier requests are ignored.
   */
  readonly clear: () => Promise<void>;
}

/**
 * Creates a token store for a client without cookies: a mobile app, a command-line tool, another server. It asks the
 * server for a token, picks it up at sign-in, replaces it after `regenerate`, and removes it at sign-out. The server
 * needs `transport: first(cookie(), bearer())`, or `bearer()` alone.
 *
 * @param storage Where the token is kept while the app does not run.
 * @example
 * const tokens = createTokenStore({
 *   load: () => SecureStore.getItemAsync('session'),
 *   save: (token) => SecureStore.setItemAsync('session', token ?? ''),
 * });
 * const trpc = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url, fetch: tokens.fetch })] });
 */
export function createTokenStore(storage: TokenStorage): TokenStore {
  return new TokenKeeper(storage);
}

/** The number of a request, in the order of calls, and the token that it carried. */
interface SentRequest {
  readonly number: number;
  readonly token: string | null;
}

class TokenKeeper implements TokenStore {
  readonly #storage: TokenStorage;
  #token: Promise<string | null> | null = null;
  #writes: Promise<unknown> = Promise.resolve();
  #lastNumber = 0;
  /** The number of the request that brought the token. Responses of earlier requests bring older tokens. */
  #broughtBy = 0;

  constructor(storage: TokenStorage) {
    this.#storage = storage;
  }

  readonly fetch: TokenStore['fetch'] = async (input, init) => {
    this.#lastNumber += 1;
    const sent = { number: this.#lastNumber, token: await this.#read() };
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    for (const [name, value] of Object.entries(toHeaders(sent.token))) headers.set(name, value);
    const response = await globalThis.fetch(input, { ...init, headers, credentials: 'omit' });
    await this.#receive(response.headers.get(tokenHeader), sent);
    return response;
  };

  readonly headers: TokenStore['headers'] = async () => toHeaders(await this.#read());

  readonly clear: TokenStore['clear'] = async () => {
    this.#lastNumber += 1;
    await this.#replace(null, this.#lastNumber);
  };

  async #receive(value: string | null, sent: SentRequest): Promise<void> {
    if (value === null || sent.number < this.#broughtBy) return;
    if (value === endedToken) await this.#remove(sent);
    else await this.#replace(value, sent.number);
  }

  /** Removes a token that has ended, unless another response or another process has replaced it already. */
  async #remove({ number, token }: SentRequest): Promise<void> {
    if (token === null) return;
    const stored = await this.#load();
    if ((await this.#read()) !== token || number < this.#broughtBy) return;
    if (stored === token) await this.#replace(null, this.#broughtBy);
    else this.#token = Promise.resolve(stored);
  }

  #replace(token: string | null, number: number): Promise<unknown> {
    this.#broughtBy = number;
    this.#token = Promise.resolve(token);
    const write = async (): Promise<unknown> => this.#storage.save(token);
    this.#writes = this.#writes.then(write, write);
    return this.#writes;
  }

  /** Loads once. If that fails, the next request tries again: a keychain cannot be read while the phone is locked. */
  #read(): Promise<string | null> {
    if (this.#token) return this.#token;
    const loading = this.#load();
    this.#token = loading;
    loading.catch(() => {
      if (this.#token === loading) this.#token = null;
    });
    return loading;
  }

  async #load(): Promise<string | null> {
    return (await this.#storage.load()) || null;
  }
}

function toHeaders(token: string | null): Readonly<Record<string, string>> {
  return { [transportHeader]: 'bearer', ...(token !== null && { authorization: `Bearer ${token}` }) };
}
