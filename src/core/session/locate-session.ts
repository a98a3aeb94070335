import type { Engine } from '../engine.ts';
import type { SessionTypes } from '../options.ts';
import type { EndedSession } from '../ports/session-ending.ts';
import type { Address } from '../ports/stored-session.ts';
import type { TokenRecord } from '../record/caches.ts';
import { hashToken, parseToken } from '../record/token.ts';
import type { Exchange } from '../request/exchange.ts';

/** `MISSING`: the request has no usable token. `EXPIRED`: it has one, but the session has ended. */
export interface AbsentSession extends Partial<EndedSession> {
  readonly status: 'absent';
  readonly code: 'MISSING' | 'EXPIRED';
  /** True if there is a record that this version of the app cannot read. Another version may, so the token stays. */
  readonly isUnreadable?: boolean;
}

export const missing: AbsentSession = { status: 'absent', code: 'MISSING' };
export const expired: AbsentSession = { status: 'absent', code: 'EXPIRED' };
export const unreadable: AbsentSession = { ...expired, isUnreadable: true };

/** Opens the request's token and returns where its session would be stored. Does no I/O. */
export async function locateSession<T extends SessionTypes>({
  engine,
  credential: { carrier, value },
}: Exchange<T>): Promise<Address | AbsentSession> {
  const token = value ? await carrier.open(value) : null;
  if (Array.isArray(token)) engine.emit({ type: 'ambiguous', carrier: carrier.name });
  return locateToken(engine, token);
}

/**
 * Returns where the session is that a request means. If its token is ambiguous, returns every one that it may mean.
 *
 * @param known Where it is, if the request has read or started it.
 */
export async function locateSessions<T extends SessionTypes>(
  { engine, credential: { carrier, value } }: Exchange<T>,
  known: Address | null,
): Promise<readonly Address[]> {
  if (known) return [known];
  const tokens = [value ? await carrier.open(value) : []].flat();
  return tokens.map((token) => locateToken(engine, token)).filter((at): at is Address => !isAbsent(at));
}

function locateToken<T extends SessionTypes>(engine: Engine<T>, token: unknown): Address | AbsentSession {
  const known = typeof token === 'string' ? (engine.tokens.get(token) ?? addToken(engine, token)) : null;
  if (known === null) return missing;
  return known.expiresAt <= engine.now() ? expired : known.at;
}

function addToken<T extends SessionTypes>(engine: Engine<T>, token: string): TokenRecord | null {
  const route = parseToken(token);
  if (route === null) return null;
  const at = { key: toSessionKey(engine, route.slot), hash: hashToken(token) };
  const known = { at, expiresAt: route.expiresAt };
  engine.tokens.set(token, known);
  return known;
}

export function toSessionKey({ prefix }: { readonly prefix: string }, slot: string): string {
  return `${prefix}{${slot}}`;
}

export function isAbsent(found: Address | AbsentSession): found is AbsentSession {
  return 'status' in found;
}

/** Returns whether the request carries a token that is well formed and not past its deadline. Does no I/O. */
export async function hasUsableToken<T extends SessionTypes>(exchange: Exchange<T>): Promise<boolean> {
  return !isAbsent(await locateSession(exchange));
}
