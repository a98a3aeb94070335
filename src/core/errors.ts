/** Why a request was refused, as the client receives it in `data.session.reason`. */
export type SessionReason = 'missing' | 'expired' | 'stale' | 'refused' | 'cross-site' | 'unavailable';

/**
 * Why a session ended before its time, as the client receives it in `data.session.detail` beside the reason `expired`.
 *
 * - `signed-out`: the user signed out.
 * - `revoked`: it was ended from elsewhere: by the list of the user's devices, or by an administrator.
 * - `evicted`: the user signed in on another device, and the limit ended the oldest session.
 * - `replaced`: the same browser signed in again.
 */
export type SessionEnding = 'signed-out' | 'revoked' | 'evicted' | 'replaced';

/** Every code that a `SessionError` can have. Compare `error.code`, never the message. */
export type SessionErrorCode = keyof typeof catalogue;

/** Per code: what happened and what to do next. A message never contains a token, a hash or session data. */
const catalogue = {
  MISSING: 'There is no session. Sign in, then try again.',
  EXPIRED: 'The session has ended. Sign in again.',
  STALE: 'This needs a recent sign-in. Confirm your password, then try again.',
  REFUSED: 'This account is not allowed to do that. Sign in with an account that has permission.',
  CROSS_SITE:
    'The request may have come from another site, and was refused. Send it from the app itself, or add the site to `origins`.',
  UNAVAILABLE: 'Sessions are unavailable at the moment. No user was signed out. Try again shortly.',
  INVALID_OPTION: 'An option is invalid.',
  NOT_CONFIGURED: 'Sessions are not configured.',
  INVALID_DATA:
    'The session data is invalid, and nothing was written. Change the data, or the schema that validates it.',
  TOO_LARGE:
    'The session data is too large, and nothing was written. Keep an id in the session and the rest in a database.',
  SUBJECT_CHANGED:
    'An update may not change the subject of a session, and nothing was written. Call start() to sign in another user.',
  CONFLICT: 'Other requests kept changing the session, and nothing was written. Try again.',
  LIMIT_REACHED: 'This account has reached its limit of sessions. Sign out on another device, then sign in again.',
  COOKIE_UNWRITABLE: 'The session cookie cannot be sent from here, and nothing was changed.',
  COOKIE_SHADOWED:
    'Another cookie of the same name would hide the session cookie, and nothing was changed. Delete the cookies of this site, then try again.',
  INSECURE_COOKIE:
    'Browsers drop a Secure cookie that arrives over plain http, and nothing was changed. Serve the app over https, or pass cookie({ secure: false }) where that is impossible.',
} as const;

const reasons: Partial<Record<SessionErrorCode, SessionReason>> = {
  MISSING: 'missing',
  EXPIRED: 'expired',
  STALE: 'stale',
  REFUSED: 'refused',
  CROSS_SITE: 'cross-site',
  UNAVAILABLE: 'unavailable',
};

/** The HTTP status of each code. tRPC responds with the same ones. */
const statuses = {
  MISSING: 401,
  EXPIRED: 401,
  STALE: 401,
  REFUSED: 403,
  CROSS_SITE: 403,
  // Not 401: clients sign the user out on that status, and an outage must not do so.
  UNAVAILABLE: 503,
  INVALID_OPTION: 500,
  NOT_CONFIGURED: 500,
  INVALID_DATA: 400,
  TOO_LARGE: 413,
  SUBJECT_CHANGED: 400,
  CONFLICT: 409,
  LIMIT_REACHED: 429,
  COOKIE_UNWRITABLE: 400,
  INSECURE_COOKIE: 400,
  COOKIE_SHADOWED: 400,
} as const satisfies Readonly<Record<SessionErrorCode, number>>;

/** Every HTTP status that a `SessionError` can have. */
export type SessionErrorStatus = (typeof statuses)[SessionErrorCode];

/** One thing that a schema found wrong. */
export interface SessionIssue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
}

/** What an error may carry beside its code. */
export interface SessionErrorDetails {
  /** A sentence for the developer. It is appended to the message. */
  readonly hint?: string;
  /** The text that a verifier passed to `refuse(...)`; for `EXPIRED`, a `SessionEnding`. It reaches the client. */
  readonly detail?: string;
  readonly issues?: readonly SessionIssue[];
  readonly cause?: unknown;
}

const errorBrand: unique symbol = Symbol.for('trpc-session.error');

/**
 * The only error class of this library.
 *
 * @example if (isSessionError(error) && error.code === 'LIMIT_REACHED') return 'Sign out on another device first.';
 */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: SessionErrorCode;
  readonly detail: string | undefined;
  readonly issues: readonly SessionIssue[];
  readonly [errorBrand] = true;

  constructor(code: SessionErrorCode, { hint, detail, issues = [], cause }: SessionErrorDetails = {}) {
    const text = hint ?? formatIssues(issues);
    super(text ? `${catalogue[code]} ${text}` : catalogue[code], cause === undefined ? undefined : { cause });
    this.code = code;
    this.detail = detail;
    this.issues = issues;
  }

  /** The HTTP status to respond with, such as 401, 403 or 503. Express, Fastify and Koa read it by themselves. */
  get status(): SessionErrorStatus {
    return statuses[this.code];
  }

  /** The message without the hint, so that it is safe to send to a client. Some hints tell the client what to do. */
  get publicMessage(): string {
    return this.code === 'COOKIE_UNWRITABLE' || this.code === 'CROSS_SITE' ? this.message : catalogue[this.code];
  }

  /** The reason that the client receives. Undefined if the error is not a refusal. */
  get reason(): SessionReason | undefined {
    return reasons[this.code];
  }
}

/** Names each field that a schema refused, and why. A log shows the issues themselves as `path: [Array]`. */
function formatIssues(issues: readonly SessionIssue[]): string {
  const texts = issues
    .slice(0, 5)
    .map(({ path, message }) => `\`${path.map(String).join('.') || 'data'}\`: ${message}.`);
  return texts.join(' ').replaceAll('..', '.');
}

/** Returns whether a value is a `SessionError`. `instanceof` fails if a bundler has loaded this module twice. */
export function isSessionError(value: unknown): value is SessionError {
  return typeof value === 'object' && value !== null && errorBrand in value;
}

/** The error for an invalid option. It names the option, what it must be, and what it is. */
export function createOptionError(option: string, expected: string, got: unknown): SessionError {
  return new SessionError('INVALID_OPTION', {
    hint: `\`${option}\` must be ${expected}; it is ${describeValue(got)}.`,
  });
}

/** The same for an option that holds a secret. It shows only the type, because errors end up in logs. */
export function createSecretOptionError(option: string, expected: string, got: unknown): SessionError {
  return new SessionError('INVALID_OPTION', {
    hint: `\`${option}\` must be ${expected}; it is of type ${typeof got}.`,
  });
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return value.length > 64 ? `a string of ${value.length} characters` : `'${value}'`;
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`;
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? `an array of length ${value.length}` : `of type ${typeof value}`;
}
