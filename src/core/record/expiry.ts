import { createOptionError } from '../errors.ts';

/** Written through an interface, so that the compiler prints the forms of a duration and not its name. */
interface DurationForms {
  readonly any: number | `${number}ms` | `${number}s` | `${number}m` | `${number}h` | `${number}d`;
}

/** A duration: a number of milliseconds, or text with a unit, such as `'500ms'`, `'30s'`, `'5m'`, `'6h'` or `'7d'`. */
export type Duration = DurationForms['any'];

/** How long sessions live. */
export interface LifetimeOptions {
  /** Ends a session that nobody used for this long (ASVS 7.3.1). Default `'6h'`. */
  readonly idle?: Duration;
  /** Ends a session this long after sign-in, however busy it is (ASVS 7.3.2). Default `'7d'`. */
  readonly absolute?: Duration;
}

export interface Lifetimes {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** The clocks of one session, in milliseconds since the epoch, as the store's clock told them. */
export interface SessionClocks {
  readonly createdAt: number;
  readonly authenticatedAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly idleMs: number;
}

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
/** Browsers cap a cookie's life at 400 days (RFC 6265bis §5.5), so a longer session could not keep its promise. */
const longestDurationMs = 400 * unitMs.d;

/** A duration in whole milliseconds. Refuses zero, negatives, NaN, infinities and anything over 400 days. */
export function parseDuration(option: string, value: unknown): number {
  const ms = typeof value === 'string' ? parseDurationText(value) : value;
  if (typeof ms === 'number' && Number.isInteger(ms) && ms > 0 && ms <= longestDurationMs) return ms;
  throw createOptionError(option, "whole milliseconds or text like '6h', above zero and at most 400 days", value);
}

function parseDurationText(text: string): number {
  const [, amount, unit] = durationPattern.exec(text) ?? [];
  if (!amount || !unit) return Number.NaN;
  const ms = Number(amount) * unitMs[unit as keyof typeof unitMs];
  // Decimals miss by a hair: 0.7 days come to 60479999.99999999.
  return Math.abs(ms - Math.round(ms)) < 1e-6 ? Math.round(ms) : ms;
}

export function resolveLifetimes(options: LifetimeOptions, defaults: LifetimeOptions): Lifetimes {
  const idleMs = parseDuration('idle', options.idle ?? defaults.idle);
  const absoluteMs = parseDuration('absolute', options.absolute ?? defaults.absolute);
  if (idleMs > absoluteMs) throw createOptionError('idle', 'no longer than `absolute`', options.idle ?? defaults.idle);
  return { idleMs, absoluteMs };
}

/** How often a session in use is marked as seen. Default: a tenth of idle, at most five minutes. */
export function resolveTouchInterval(touchEvery: Duration | undefined, idleMs: number): number {
  if (touchEvery === undefined) return Math.max(1, Math.min(Math.floor(idleMs / 10), 5 * unitMs.m));
  const ms = parseDuration('touchEvery', touchEvery);
  if (ms >= idleMs) throw createOptionError('touchEvery', 'shorter than `idle`', touchEvery);
  return ms;
}

/** When the session ends if nobody uses it again: never past the absolute deadline. */
export function computeIdleExpiry(clocks: SessionClocks): number {
  return Math.min(clocks.lastSeenAt + clocks.idleMs, clocks.expiresAt);
}

export function isAlive(clocks: SessionClocks, now: number): boolean {
  return now < computeIdleExpiry(clocks);
}

/** The lifetimes of one session that may have its own. An absolute timeout shorter than idle shortens idle with it. */
export function resolveOwnLifetimes(defaults: Lifetimes, { idle, absolute }: LifetimeOptions): Lifetimes {
  const absoluteMs = absolute === undefined ? defaults.absoluteMs : parseDuration('absolute', absolute);
  const own = { idle: idle ?? Math.min(defaults.idleMs, absoluteMs), absolute: absoluteMs };
  return resolveLifetimes(own, own);
}
