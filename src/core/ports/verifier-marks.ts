import type { VerifierRefusal } from './verifier.ts';

// The symbols are registered, because bundlers may load this module twice.
const verifierMark: unique symbol = Symbol.for('trpc-session.verifier');

/** Gives a verifier the name that OpenAPI documents show, and the codes with which it can refuse. */
export function describeVerifier<V extends object>(
  verifier: V,
  name: string,
  refusals: readonly VerifierRefusal['code'][],
): V {
  return Object.defineProperties(verifier, { name: { value: name }, [verifierMark]: { value: refusals } });
}

/** Returns the codes with which a verifier can refuse. An app's own function can use both. */
export function getRefusalCodes(verifier: object): readonly VerifierRefusal['code'][] {
  return verifierMark in verifier
    ? (verifier[verifierMark] as readonly VerifierRefusal['code'][])
    : ['REFUSED', 'STALE'];
}

const passiveMark: unique symbol = Symbol.for('trpc-session.passive');

/** Marks a verifier whose guard does not keep the session alive. */
export function markPassive<V extends object>(verifier: V): V {
  return Object.defineProperty(verifier, passiveMark, { value: true });
}

export function isPassive(verifier: object): boolean {
  return passiveMark in verifier;
}

const freshReadMark: unique symbol = Symbol.for('trpc-session.fresh-read');

/** Makes guards with this verifier read past a near cache. */
export function markFreshRead<V extends object>(verifier: V): V {
  return Object.defineProperty(verifier, freshReadMark, { value: true });
}

export function needsFreshRead(verifier: object): boolean {
  return freshReadMark in verifier;
}
