import type { Verifier, VerifierFacts } from 'trpc-session';
import { runVerifiers } from '../../src/core/ports/verifier.ts';
import { ada } from './sessions.ts';

export const now = Date.UTC(2026, 0, 1);

export function facts(data: unknown = ada, authenticatedAt = now): VerifierFacts {
  const clocks = {
    createdAt: now,
    authenticatedAt,
    lastSeenAt: now,
    expiresAt: now + 1000,
    idleMs: 500,
    idleExpiresAt: now + 500,
  };
  return { now, session: { data, id: 'id', revision: 1, device: null, ...clocks } };
}

/** What a guard with these verifiers comes to: 'passes', or the error's code and detail. */
export async function outcome(verifiers: readonly Verifier<never>[], held: VerifierFacts = facts()): Promise<unknown> {
  return runVerifiers(verifiers, held).then(
    () => 'passes',
    ({ code, detail }: { code: string; detail?: string }) => (detail === undefined ? code : { code, detail }),
  );
}
