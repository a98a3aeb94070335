import type { SessionReason } from '../core/errors.ts';
import type { GuardFacts } from '../core/ports/guard-facts.ts';
import type { CarrierScheme, SessionCarrier } from '../core/ports/transport.ts';
import { getRefusalCodes, isPassive } from '../core/ports/verifier-marks.ts';

/** The security schemes of a document, by name. */
export type SecuritySchemes = Record<string, CarrierScheme>;

/** The names of schemes that a request must satisfy together. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/** An error status that a guard responds with, and the reasons that can lead to it. */
export interface GuardRefusal {
  readonly status: 401 | 403 | 503;
  readonly code: 'UNAUTHORIZED' | 'FORBIDDEN' | 'SERVICE_UNAVAILABLE';
  readonly reasons: readonly SessionReason[];
}

/** Lists the errors that guards can respond with to this HTTP method. Without guards the list is empty. */
export function listRefusals(guards: readonly GuardFacts[], method: string): readonly GuardRefusal[] {
  if (guards.length === 0) return [];
  const codes = new Set(guards.flatMap(({ verifiers }) => verifiers.flatMap(getRefusalCodes)));
  const isForgeable = method !== 'get' && guards.some(({ carriers }) => carriers.some(({ ambient }) => ambient));
  const isPossible: Readonly<Record<SessionReason, boolean>> = {
    missing: true,
    expired: true,
    stale: codes.has('STALE'),
    refused: codes.has('REFUSED'),
    'cross-site': isForgeable,
    unavailable: true,
  };
  return allRefusals.flatMap((refusal) => {
    const reasons = refusal.reasons.filter((reason) => isPossible[reason]);
    return reasons.length > 0 ? [{ ...refusal, reasons }] : [];
  });
}

const allRefusals: readonly GuardRefusal[] = [
  { status: 401, code: 'UNAUTHORIZED', reasons: ['missing', 'expired', 'stale'] },
  { status: 403, code: 'FORBIDDEN', reasons: ['refused', 'cross-site'] },
  { status: 503, code: 'SERVICE_UNAVAILABLE', reasons: ['unavailable'] },
];

const reasonTexts: Readonly<Record<SessionReason, string>> = {
  missing: 'no session token was sent, or it is invalid',
  expired: 'the session has ended',
  stale: 'the user is signed in, but the sign-in is not recent enough',
  refused: 'the session is not allowed to do this',
  'cross-site': 'the request came from another site',
  unavailable: 'sessions cannot be read right now; the user is still signed in',
};

/** Explains the reasons of a refusal in sentences for the document. */
export function explainRefusal({ reasons }: GuardRefusal): string {
  return reasons.map((reason) => `\`${reason}\`: ${reasonTexts[reason]}.`).join(' ');
}

/**
 * Returns the security requirements of an operation; a request must satisfy one of them. A guard accepts any of its
 * transport's carriers. If guards of several managers are mounted, each requirement names one carrier of every manager.
 */
export function toSecurityRequirements(
  guards: readonly GuardFacts[],
  schemes: SecuritySchemes,
): readonly SecurityRequirement[] {
  const choices = guards.map(({ carriers }) => carriers.map((carrier) => registerScheme(carrier, schemes)));
  if (choices.length === 0) return [];
  return choices.reduce<readonly SecurityRequirement[]>(
    (requirements, names) =>
      removeSupersets(requirements.flatMap((requirement) => names.map((name) => ({ ...requirement, [name]: [] })))),
    [{}],
  );
}

/**
 * Drops requirements that include all schemes of another one. Two guards of one manager read the same credential, so a
 * request that satisfies the shorter requirement passes both.
 */
function removeSupersets(requirements: readonly SecurityRequirement[]): readonly SecurityRequirement[] {
  const distinct = new Map(requirements.map((one) => [Object.keys(one).toSorted().join(), one]));
  const kept = [...distinct.values()];
  return kept.filter((one) => !kept.some((other) => other !== one && Object.keys(other).every((name) => name in one)));
}

/** Returns the name of a carrier's scheme in the document, and adds the scheme to the document if it is missing. */
export function registerScheme({ scheme }: SessionCarrier, schemes: SecuritySchemes): string {
  const place = scheme.type === 'http' ? scheme.scheme : scheme.in;
  const wanted = `session${place.charAt(0).toUpperCase()}${place.slice(1)}`;
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted}${count}`;
    schemes[name] ??= scheme;
    if (JSON.stringify(schemes[name]) === JSON.stringify(scheme)) return name;
  }
}

/** The `x-session` extension of a guarded operation: its requirements in a form that programs can read. */
export interface SessionExtension {
  /** The name of each verifier, or null for a function without a name. */
  readonly verifiers: readonly (string | null)[];
  /** Every `data.session.reason` that a refused call can receive. */
  readonly reasons: readonly SessionReason[];
}

export function createSessionExtension(guards: readonly GuardFacts[], method: string): SessionExtension {
  return {
    verifiers: listVerifierNames(guards),
    reasons: listRefusals(guards, method).flatMap(({ reasons }) => reasons),
  };
}

function listVerifierNames(guards: readonly GuardFacts[]): readonly (string | null)[] {
  const verifiers = new Set(guards.flatMap(({ verifiers }) => verifiers));
  return [...verifiers].filter((verifier) => !isPassive(verifier)).map(({ name }) => name || null);
}

/** Describes in one sentence what the guards require. Without guards returns null. */
export function describeGuards(guards: readonly GuardFacts[]): string | null {
  if (guards.length === 0) return null;
  const names = listVerifierNames(guards).map((name) => (name === null ? 'an unnamed verifier' : `\`${name}\``));
  return names.length === 0 ? 'Needs a session.' : `Needs a session that passes ${names.join(' and ')}.`;
}
