/** Why the last request for the session failed. The user is not signed out by it. */
export interface RefetchError {
  /**
   * What failed.
   *
   * - `network`: no response arrived, as without a connection, or within 10 seconds.
   * - `server`: the server responded with an error that says nothing about the session.
   * - `store`: the server responded that its session store is unavailable.
   */
  readonly reason: 'network' | 'server' | 'store';
  /** What the client threw, such as a TRPCClientError. Null if nothing was thrown. */
  readonly cause: unknown;
}

type ErrorFields = Readonly<Record<string, unknown>>;

/** Whether an error means that the user is signed out. All other errors leave that open. */
export function isSignedOutError(error: unknown): boolean {
  const { code, data } = toErrorFields(error);
  if (code === 'MISSING' || code === 'EXPIRED') return true;
  const { code: trpcCode, httpStatus } = toErrorFields(data);
  return trpcCode === 'UNAUTHORIZED' || httpStatus === 401;
}

/** Classifies what a client threw. Null stands for a response that says that the store is unavailable. */
export function toRefetchError(cause: unknown): RefetchError {
  const { code, data, cause: deeper } = toErrorFields(cause);
  const isStore = cause === null || code === 'UNAVAILABLE' || toErrorFields(data).code === 'SERVICE_UNAVAILABLE';
  if (isStore) return { reason: 'store', cause };
  const isNetwork = !data && [cause, deeper].some(isNetworkError);
  return { reason: isNetwork ? 'network' : 'server', cause };
}

/** `fetch` rejects with a TypeError if no whole response arrived, and with a DOMException if it was aborted. */
function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof DOMException;
}

function toErrorFields(value: unknown): ErrorFields {
  return Object(value);
}
