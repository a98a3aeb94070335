import type { Verifier, VerifierFacts } from 'trpc-session';
import { runVerifiers } from '../../src/core/ports/verifier.ts';
import { ada } from './sessions.ts';

export const now = Date.UTC(2026, 0, 1);

export function createFacts(data: unknown = ada, authenticatedAt = now): VerifierFacts {
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

/** Runs verifiers as a guard does. Resolves to 'passes', or to the code and detail of the error. */
export async function getVerdict(
  verifiers: readonly Verifier<never>[],
  facts: VerifierFacts = createFacts(),
): Promise<unknown> {
  try {
    await runVerifiers(verifiers, facts);
    return 'passes';
  } catch (error) {
    const { code, detail } = error as { code: string; detail?: string };
    return detail === undefined ? code : { code, detail };
  }
}
