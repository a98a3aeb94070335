import type { SessionCarrier } from './transport.ts';
import type { Verifier } from './verifier.ts';

/** What a mounted guard asks for: enough to say in a document what the procedure needs. */
export interface GuardFacts {
  readonly verifiers: readonly Verifier<never>[];
  /** The ways in which a session can be shown to it. */
  readonly carriers: readonly SessionCarrier[];
}

/** Registered, since bundlers may load this module twice. */
const guardMark: unique symbol = Symbol.for('trpc-session.guard');

/** Marks a middleware as a guard. Guards are told by this mark alone, never by what they look like. */
export function markGuard<Middleware extends object>(middleware: Middleware, facts: GuardFacts): Middleware {
  return Object.defineProperty(middleware, guardMark, { value: facts });
}

/** What a guard asks for, or null for any other middleware. */
export function readGuardFacts(middleware: object): GuardFacts | null {
  return guardMark in middleware ? (middleware[guardMark] as GuardFacts) : null;
}
