import type { Engine } from '../engine.ts';
import { isSessionError, type SessionEnding, SessionError } from '../errors.ts';
import type { SessionTypes } from '../options.ts';
import { type AnnouncedOutcome, announcementHeader } from '../ports/announcement-header.ts';
import type { EndedSession } from '../ports/session-ending.ts';
import type { SessionSink } from '../ports/sink.ts';
import { endedToken, tokenHeader, transportHeader } from '../ports/token-headers.ts';
import type { SessionCarrier, SessionRequest } from '../ports/transport.ts';
import { findOrigin, isHandshake } from './origin.ts';

/** The carrier that a request uses, and the value it carries, still sealed. */
interface Credential {
  readonly carrier: SessionCarrier;
  /** Null if the request carries none. */
  readonly value: string | null;
  /** Whether the client named the carrier. Then it keeps its own token, and reads new ones from a response header. */
  readonly isChosen: boolean;
}

/** One request, the credential that it carries, and the sink for its response. */
export class Exchange<T extends SessionTypes> {
  readonly engine: Engine<T>;
  readonly request: SessionRequest;
  readonly sink: SessionSink;
  /** What the response announces so far. */
  announced: AnnouncedOutcome | null = null;
  #credential: Credential | undefined;
  #isHandshake: boolean | undefined;

  constructor(engine: Engine<T>, request: SessionRequest, sink: SessionSink) {
    this.engine = engine;
    this.request = request;
    this.sink = sink;
  }

  /** Found at its first use, and once: a request that never asks for its session costs nothing. */
  get credential(): Credential {
    this.#credential ??= findCredential(this.engine.carriers, this.request);
    return this.#credential;
  }

  /** Whether the request opens a WebSocket. */
  get isHandshake(): boolean {
    this.#isHandshake ??= isHandshake(this.request);
    return this.#isHandshake;
  }
}

/**
 * If the client names a carrier, no other counts: a page that has only the cookie is signed out then, and cannot turn its
 * session into a token that scripts can read.
 */
function findCredential(carriers: Engine<SessionTypes>['carriers'], request: SessionRequest): Credential {
  const name = request.header(transportHeader)?.toLowerCase();
  const chosen = carriers.find((carrier) => !carrier.ambient && carrier.name.toLowerCase() === name);
  if (chosen) return { carrier: chosen, value: chosen.find(request), isChosen: true };
  for (const carrier of carriers) {
    const value = carrier.find(request);
    if (value !== null) return { carrier, value, isChosen: false };
  }
  return { carrier: carriers[0], value: null, isChosen: false };
}

/** Gives a client that keeps its own token the new one. Null: its token is not valid any more. */
export function announceToken<T extends SessionTypes>({ credential, sink }: Exchange<T>, token: string | null): void {
  if (credential.isChosen) sink.setHeader?.(tokenHeader, token ?? endedToken);
}

/** Makes the response say what happened to the session. The last write counts; a refusal counts only without a write. */
export function announceOutcome<T extends SessionTypes>(exchange: Exchange<T>, outcome: AnnouncedOutcome): void {
  const { sink, announced } = exchange;
  if (announced !== null && isRefusedOutcome(outcome)) return;
  exchange.announced = outcome;
  sink.markPrivate();
  if (sink.announce) sink.announce(outcome);
  else sink.setHeader?.(announcementHeader, outcome);
}

/** Makes the response say that the call was refused because the user is signed out, and returns the error to throw. */
export function createRefusal<T extends SessionTypes>(
  exchange: Exchange<T>,
  { code, ended }: { readonly code: 'MISSING' | 'EXPIRED' } & Partial<EndedSession>,
): SessionError {
  announceOutcome(exchange, code === 'MISSING' ? 'missing' : 'expired');
  return new SessionError(code, ended && { detail: ended });
}

/** Reports that a guard refused the request, if this is the error of a refusal. */
export function emitRejection<T extends SessionTypes>({ engine }: Exchange<T>, error: unknown): void {
  if (!isSessionError(error) || !error.reason) return;
  const ended = error.code === 'EXPIRED' ? (error.detail as SessionEnding | undefined) : undefined;
  engine.emit({ type: 'rejected', reason: error.reason, ...(ended && { ended }) });
}

function isRefusedOutcome(outcome: AnnouncedOutcome): boolean {
  return outcome === 'missing' || outcome === 'expired';
}

/**
 * Refuses a write that another site may have caused.
 *
 * @param isAlsoAllowed Returns whether an origin may send this write, although it may send no other.
 * @throws SessionError `CROSS_SITE`.
 */
export function assertOwnSite<T extends SessionTypes>(
  { engine, request, credential: { carrier, value } }: Exchange<T>,
  isAlsoAllowed: (origin: string) => boolean = () => false,
): void {
  const isAllowed = (origin: string) => engine.isAllowedOrigin(origin) || isAlsoAllowed(origin);
  const origin = carrier.ambient ? findOrigin(request, isAllowed, value !== null) : 'own';
  if (origin === 'own') return;
  engine.emit({ type: 'rejected', reason: 'cross-site' });
  throw new SessionError('CROSS_SITE', { hint: originHints[origin] });
}

const originHints = {
  other: 'If the app itself sent it, a proxy changes the Host header: set `publicUrl`.',
  unknown:
    'It has neither an Origin nor a Sec-Fetch-Site header. If a program sends it, add the header `Sec-Fetch-Site: same-origin`.',
} as const;

/**
 * Refuses a read over a WebSocket that another site may have opened: unlike a request, it is not bound by CORS.
 *
 * @throws SessionError `CROSS_SITE`.
 */
export function assertOwnReader<T extends SessionTypes>(exchange: Exchange<T>): void {
  if (exchange.isHandshake) assertOwnSite(exchange);
}
