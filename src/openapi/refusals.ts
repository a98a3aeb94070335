import type { SessionReason } from '../core/errors.ts';
import type { GuardFacts } from '../core/guard-facts.ts';
import { refusalsOf } from '../core/verifier.ts';
import type { RouterProcedure } from './procedures.ts';

/** One status that a guard answers with, and the reasons that it can have there. */
export interface Refusal {
  readonly status: 401 | 403 | 503;
  readonly code: 'UNAUTHORIZED' | 'FORBIDDEN' | 'SERVICE_UNAVAILABLE';
  readonly reasons: readonly SessionReason[];
}

/** What the guards of a procedure can answer; nothing where there are none. */
export function refusalsBy({ guards, type }: RouterProcedure): readonly Refusal[] {
  if (guards.length === 0) return [];
  const verdicts = new Set(guards.flatMap(({ verifiers }) => verifiers.flatMap(refusalsOf)));
  const crossSite = type === 'mutation' && guards.some(takesAmbient);
  const unauthorized: SessionReason[] = ['missing', 'expired', ...(verdicts.has('STALE') ? ['stale' as const] : [])];
  const forbidden: SessionReason[] = [
    ...(verdicts.has('REFUSED') ? ['refused' as const] : []),
    ...(crossSite ? ['cross-site' as const] : []),
  ];
  const refusals: readonly Refusal[] = [
    { status: 401, code: 'UNAUTHORIZED', reasons: unauthorized },
    { status: 403, code: 'FORBIDDEN', reasons: forbidden },
    { status: 503, code: 'SERVICE_UNAVAILABLE', reasons: ['unavailable'] },
  ];
  return refusals.filter(({ reasons }) => reasons.length > 0);
}

/** Whether a browser would send the credential by itself, so that other sites are turned away. */
function takesAmbient({ carriers }: GuardFacts): boolean {
  return carriers().some(({ ambient }) => ambient);
}

/** What each reason means, in a sentence. */
export const meanings: Readonly<Record<SessionReason, string>> = {
  missing: 'no usable token came',
  expired: 'the session has ended',
  stale: 'signed in, but not recently enough',
  refused: 'this session is not allowed to',
  'cross-site': 'another site sent the request',
  unavailable: 'sessions cannot be reached right now, and nobody was signed out',
};
