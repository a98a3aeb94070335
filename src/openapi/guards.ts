import type { SessionReason } from '../core/errors.ts';
import type { GuardFacts } from '../core/ports/guard-facts.ts';
import type { CarrierScheme, SessionCarrier } from '../core/ports/transport.ts';
import { getRefusalCodes } from '../core/ports/verifier.ts';

/** The security schemes of a document, by name. */
export type SecuritySchemes = Record<string, CarrierScheme>;

/** Schemes that must be shown together. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/** One status that guards answer with, and the reasons that can be behind it. */
export interface GuardRefusal {
  readonly status: 401 | 403 | 503;
  readonly code: 'UNAUTHORIZED' | 'FORBIDDEN' | 'SERVICE_UNAVAILABLE';
  readonly reasons: readonly SessionReason[];
}

/** What the guards of an operation can answer when it is called by this HTTP method; nothing where there are none. */
export function listRefusals(guards: readonly GuardFacts[], method: string): readonly GuardRefusal[] {
  if (guards.length === 0) return [];
  const verdicts = new Set(guards.flatMap(({ verifiers }) => verifiers.flatMap(getRefusalCodes)));
  const isForgeable = method !== 'get' && guards.some(({ carriers }) => carriers().some(({ ambient }) => ambient));
  const can: Readonly<Record<SessionReason, boolean>> = {
    missing: true,
    expired: true,
    stale: verdicts.has('STALE'),
    refused: verdicts.has('REFUSED'),
    'cross-site': isForgeable,
    unavailable: true,
  };
  return refusalResponses.flatMap(({ reasons, ...answer }) => {
    const possible = reasons.filter((reason) => can[reason]);
    return possible.length > 0 ? [{ ...answer, reasons: possible }] : [];
  });
}

const refusalResponses: readonly GuardRefusal[] = [
  { status: 401, code: 'UNAUTHORIZED', reasons: ['missing', 'expired', 'stale'] },
  { status: 403, code: 'FORBIDDEN', reasons: ['refused', 'cross-site'] },
  { status: 503, code: 'SERVICE_UNAVAILABLE', reasons: ['unavailable'] },
];

const reasonTexts: Readonly<Record<SessionReason, string>> = {
  missing: 'no usable token came',
  expired: 'the session ended',
  stale: 'signed in, but not recently enough',
  refused: 'this session is not allowed to do that',
  'cross-site': 'another site sent the request',
  unavailable: 'sessions cannot be reached right now, and nobody was signed out',
};

/** A refusal in words. */
export function explainRefusal({ reasons }: GuardRefusal): string {
  return reasons.map((reason) => `\`${reason}\`: ${reasonTexts[reason]}.`).join(' ');
}

/**
 * What an operation asks for: any one of these. A guard takes each of its transport's carriers; where guards of several
 * managers follow one another, one of each.
 */
export function toSecurityRequirements(
  guards: readonly GuardFacts[],
  schemes: SecuritySchemes,
): readonly SecurityRequirement[] {
  const choices = guards.map(({ carriers }) => carriers().map((carrier) => registerScheme(carrier, schemes)));
  if (choices.length === 0) return [];
  return choices.reduce<readonly SecurityRequirement[]>(
    (requirements, names) =>
      removeSupersets(requirements.flatMap((all) => names.map((name) => ({ ...all, [name]: [] })))),
    [{}],
  );
}

/** Two guards of one manager read the same credential, so nobody needs to send a second. */
function removeSupersets(requirements: readonly SecurityRequirement[]): readonly SecurityRequirement[] {
  const distinct = new Map(requirements.map((all) => [Object.keys(all).toSorted().join(), all]));
  const kept = [...distinct.values()];
  return kept.filter((all) => !kept.some((fewer) => fewer !== all && Object.keys(fewer).every((name) => name in all)));
}

/** The name of a carrier's scheme in a document, which it is added to if it is not there. */
export function registerScheme({ scheme }: SessionCarrier, schemes: SecuritySchemes): string {
  const place = scheme.type === 'http' ? scheme.scheme : scheme.in;
  const wanted = `session${place.charAt(0).toUpperCase()}${place.slice(1)}`;
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted}${count}`;
    schemes[name] ??= scheme;
    if (JSON.stringify(schemes[name]) === JSON.stringify(scheme)) return name;
  }
}

/** What is asked of a session, and how that can be answered, for machines. */
export interface GuardedSessionFacts {
  /** What each verifier is called; null for a function without a name. */
  readonly verifiers: readonly (string | null)[];
  readonly reasons: readonly SessionReason[];
}

export function toSessionFacts(guards: readonly GuardFacts[], method: string): GuardedSessionFacts {
  return {
    verifiers: listVerifierNames(guards),
    reasons: listRefusals(guards, method).flatMap(({ reasons }) => reasons),
  };
}

function listVerifierNames(guards: readonly GuardFacts[]): readonly (string | null)[] {
  return [...new Set(guards.flatMap(({ verifiers }) => verifiers))].map(({ name }) => name || null);
}

/** What is asked of a session, in words; null where nothing is guarded. */
export function describeGuards(guards: readonly GuardFacts[]): string | null {
  if (guards.length === 0) return null;
  const names = listVerifierNames(guards).map((name) => (name === null ? 'a function of the app' : `\`${name}\``));
  return names.length === 0 ? 'Needs a session.' : `Needs a session that passes ${names.join(' and ')}.`;
}
