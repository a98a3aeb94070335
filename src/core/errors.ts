/** What a client is told about why it was turned away, as `data.session.reason`. */
export type SessionReason = 'missing' | 'expired' | 'stale' | 'refused' | 'cross-site' | 'unavailable';

/** The closed set of things that can go wrong. Match on `error.code`, never on the message. */
export type SessionErrorCode = keyof typeof catalogue;

/** One entry a code: what happened, and what to do next. Never a token, a hash or a datum. */
const catalogue = {
  MISSING: 'There is no session. Sign in, then try again.',
  EXPIRED: 'The session has ended. Sign in again.',
  STALE: 'This needs a recent sign-in. Confirm your password, then try again.',
  REFUSED: 'This session is not allowed to do that. Sign in with an account that is.',
  CROSS_SITE:
    'The request came from another site and was refused. Send it from the app itself, or add the site to `origins`.',
  UNAVAILABLE: 'Sessions cannot be reached right now. Nobody was signed out; try again shortly.',
  INVALID_OPTION: 'An option was refused.',
  NOT_CONFIGURED: 'Sessions are not configured.',
  INVALID_DATA: 'The session data was refused and nothing was written. Fix the data, or the schema that judges it.',
  TOO_LARGE:
    'The session data is too large and nothing was written. Keep an id in the session and the rest in a database.',
  SUBJECT_CHANGED:
    'An update may not change whose session it is. Nothing was written; call start() to sign somebody else in.',
  CONFLICT: 'The session kept changing while it was being updated and nothing was written. Try again.',
  LIMIT_REACHED: 'This account has as many sessions as it may have. End one of them, then sign in again.',
  COOKIE_UNWRITABLE: 'The session cookie cannot be sent from here, so nothing was changed.',
  INSECURE_COOKIE:
    'A browser drops a Secure cookie that arrives over plain http, so nothing was changed. Serve the app over https, or pass cookie({ secure: false }) where that is impossible.',
} as const;

const reasons: Partial<Record<SessionErrorCode, SessionReason>> = {
  MISSING: 'missing',
  EXPIRED: 'expired',
  STALE: 'stale',
  REFUSED: 'refused',
  CROSS_SITE: 'cross-site',
  UNAVAILABLE: 'unavailable',
};

/** What a schema found wrong: where, and in its own words. */
export interface SessionIssue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
}

/** Everything an error may carry beside its code. */
export interface SessionErrorDetails {
  /** A sentence for the developer, added to the fixed message. */
  readonly hint?: string;
  /** The words a verifier chose with `refuse(...)`. They reach the client. */
  readonly detail?: string;
  readonly issues?: readonly SessionIssue[];
  readonly cause?: unknown;
}

const errorBrand: unique symbol = Symbol.for('trpc-session.error');

/** The only error this library throws on purpose. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: SessionErrorCode;
  readonly detail: string | undefined;
  readonly issues: readonly SessionIssue[];
  readonly [errorBrand] = true;

  constructor(code: SessionErrorCode, { hint, detail, issues = [], cause }: SessionErrorDetails = {}) {
    super(hint ? `${catalogue[code]} ${hint}` : catalogue[code], cause === undefined ? undefined : { cause });
    this.code = code;
    this.detail = detail;
    this.issues = issues;
  }

  /** The message that is safe to send to a client: without the hint, save where the hint is what the client must do. */
  get publicMessage(): string {
    return this.code === 'COOKIE_UNWRITABLE' ? this.message : catalogue[this.code];
  }

  /** What a client is told, or undefined where the error is not about who is asking. */
  get reason(): SessionReason | undefined {
    return reasons[this.code];
  }
}

/**
 * Whether a value is a `SessionError`. Looks at a brand, since bundlers may load this module twice
 * and `instanceof` then fails.
 */
export function isSessionError(value: unknown): value is SessionError {
  return typeof value === 'object' && value !== null && errorBrand in value;
}

/** The error for a bad option: names the option and the type and value that it got. */
export function createOptionError(option: string, expected: string, got: unknown): SessionError {
  return new SessionError('INVALID_OPTION', {
    hint: `\`${option}\` must be ${expected}; it is ${describeValue(got)}.`,
  });
}

/** The same for an option that holds a secret or a password: says its type alone, since errors end up in logs. */
export function createSecretOptionError(option: string, expected: string, got: unknown): SessionError {
  return new SessionError('INVALID_OPTION', {
    hint: `\`${option}\` must be ${expected}; it is of type ${typeof got}.`,
  });
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return value.length > 64 ? `a string of ${value.length} characters` : `'${value}'`;
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`;
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? `an array of ${value.length}` : `of type ${typeof value}`;
}
