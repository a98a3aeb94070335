import { createOptionError } from '../errors.ts';

/** Written through an interface, so that the compiler prints the forms of a duration and not its name. */
interface DurationForms {
  readonly any: number | `${number}ms` | `${number}s` | `${number}m` | `${number}h` | `${number}d`;
}

/** A duration: a number of milliseconds, or text with a unit, such as `'500ms'`, `'30s'`, `'5m'`, `'6h'` or `'7d'`. */
export type Duration = DurationForms['any'];

/** The lifetimes of sessions. */
export interface LifetimeOptions {
  /**
   * The idle timeout: a session ends if it is not used for this long. A number is in milliseconds, and at least 60,000.
   *
   * @default '6h'
   * @see ASVS 7.3.1
   */
  readonly idle?: Duration;
  /**
   * The absolute timeout: a session ends this long after sign-in, however much it is used. A number is in milliseconds, and
   * at least 60,000.
   *
   * @default '7d'
   * @see ASVS 7.3.2
   */
  readonly absolute?: Duration;
}

export interface Lifetimes {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** The times of one session, in milliseconds since the epoch by the store's clock. */
export interface SessionClocks {
  readonly createdAt: number;
  readonly authenticatedAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly idleMs: number;
}

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
/** Browsers keep a cookie for 400 days at most (RFC 6265bis §5.5), so a longer session would end early. */
const longestDurationMs = 400 * unitMs.d;

/**
 * Converts a duration to whole milliseconds.
 *
 * @throws SessionError `INVALID_OPTION` if it is not above zero and at most 400 days.
 */
export function parseDuration(option: string, value: unknown): number {
  const ms = typeof value === 'string' ? parseDurationText(value) : value;
  if (typeof ms === 'number' && Number.isInteger(ms) && ms > 0 && ms <= longestDurationMs) return ms;
  throw createOptionError(option, "whole milliseconds or text like '6h', above zero and at most 400 days", value);
}

function parseDurationText(text: string): number {
  const [, amount, unit] = durationPattern.exec(text) ?? [];
  if (!amount || !unit) return Number.NaN;
  const ms = Number(amount) * unitMs[unit as keyof typeof unitMs];
  // Decimals are inexact: 0.7 days come to 60479999.99999999.
  return Math.abs(ms - Math.round(ms)) < 1e-6 ? Math.round(ms) : ms;
}

export function resolveLifetimes(options: LifetimeOptions, defaults: LifetimeOptions): Lifetimes {
  const [idle, absolute] = [options.idle ?? defaults.idle, options.absolute ?? defaults.absolute];
  return assertIdleFirst({ idleMs: parseTimeout('idle', idle), absoluteMs: parseTimeout('absolute', absolute) }, idle);
}

function assertIdleFirst(lifetimes: Lifetimes, idle: unknown): Lifetimes {
  if (lifetimes.idleMs > lifetimes.absoluteMs) throw createOptionError('idle', 'no longer than `absolute`', idle);
  return lifetimes;
}

/** Other libraries take seconds, so `idle: 3600` means an hour to most readers. A text says which unit it is in. */
function parseTimeout(option: string, value: unknown): number {
  const ms = parseDuration(option, value);
  if (typeof value !== 'number' || ms >= unitMs.m) return ms;
  throw createOptionError(option, `a text such as '${ms}s' or '${ms}ms', because numbers are milliseconds`, value);
}

/** Returns how often a use is recorded, in milliseconds: by default a tenth of idle, at most five minutes. */
export function resolveTouchInterval(touchEvery: Duration | undefined, idleMs: number): number {
  if (touchEvery === undefined) return Math.max(1, Math.min(Math.floor(idleMs / 10), 5 * unitMs.m));
  const ms = parseDuration('touchEvery', touchEvery);
  if (ms >= idleMs) throw createOptionError('touchEvery', 'shorter than `idle`', touchEvery);
  return ms;
}

/** Returns when the session ends unless it is used again. Never later than the absolute deadline. */
export function computeIdleExpiry(clocks: SessionClocks): number {
  return Math.min(clocks.lastSeenAt + clocks.idleMs, clocks.expiresAt);
}

export function isAlive(clocks: SessionClocks, now: number): boolean {
  return now < computeIdleExpiry(clocks);
}

/** Returns the lifetimes of one session that may set its own. An absolute timeout below idle shortens idle as well. */
export function resolveOwnLifetimes(defaults: Lifetimes, { idle, absolute }: LifetimeOptions): Lifetimes {
  const absoluteMs = absolute === undefined ? defaults.absoluteMs : parseTimeout('absolute', absolute);
  const idleMs = idle === undefined ? Math.min(defaults.idleMs, absoluteMs) : parseTimeout('idle', idle);
  return assertIdleFirst({ idleMs, absoluteMs }, idle);
}
