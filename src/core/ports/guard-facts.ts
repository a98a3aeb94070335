import type { SessionCarrier } from './transport.ts';
import type { Verifier } from './verifier.ts';

/** What a guard requires: OpenAPI documents are written from it. */
export interface GuardFacts {
  readonly verifiers: readonly Verifier<never>[];
  /** How a client can send the session to it. */
  readonly carriers: readonly SessionCarrier[];
}

/** A registered symbol, because bundlers may load this module twice. */
const guardMark: unique symbol = Symbol.for('trpc-session.guard');

/** Marks a middleware as a guard. Only this mark identifies guards. */
export function markGuard<Middleware extends object>(middleware: Middleware, facts: GuardFacts): Middleware {
  return Object.defineProperty(middleware, guardMark, { value: facts });
}

/** Returns what a guard requires, or null for any other middleware. */
export function readGuardFacts(middleware: object): GuardFacts | null {
  return guardMark in middleware ? (middleware[guardMark] as GuardFacts) : null;
}
