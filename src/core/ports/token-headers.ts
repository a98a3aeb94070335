/**
 * A client that keeps its own token names its transport in this request header, such as `bearer`. Then cookies are
 * ignored. A page of another site can send it only if CORS allows it, and a form never can.
 */
export const transportHeader = 'session-transport';

/** The response header that gives such a client its new token, or `none` if its token is not valid any more. */
export const tokenHeader = 'session-token';

/** The value of `tokenHeader` that makes the client remove its token. */
export const endedToken = 'none';
