import type { GuardFacts } from '../core/guard-facts.ts';
import type { Carrier, CarrierScheme } from '../core/transport.ts';

/** The schemes of a document by name. */
export type SecuritySchemes = Record<string, CarrierScheme>;

/** Schemes that must all be used together, each with its scopes: ours have none. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/**
 * What an operation asks for: each of the requirements is enough. A guard takes any of its transport's carriers; where
 * guards of several managers stand one after another, each needs one of its own.
 */
export function securityOf(guards: readonly GuardFacts[], schemes: SecuritySchemes): readonly SecurityRequirement[] {
  const choices = guards.map(({ carriers }) => carriers().map((carrier) => schemeName(carrier, schemes)));
  const combined = choices.reduce<readonly SecurityRequirement[]>(
    (requirements, names) => requirements.flatMap((all) => names.map((name) => ({ ...all, [name]: [] }))),
    [{}],
  );
  return withoutSupersets(combined);
}

/** Two guards of one manager read the same credential: nobody needs to send a second one. */
function withoutSupersets(requirements: readonly SecurityRequirement[]): readonly SecurityRequirement[] {
  const distinct = new Map(requirements.map((all) => [Object.keys(all).toSorted().join(), all]));
  const kept = [...distinct.values()];
  return kept.filter((all) => !kept.some((fewer) => fewer !== all && Object.keys(fewer).every((name) => name in all)));
}

/** The name of a carrier's scheme in this document, which gets it if it has none yet. */
export function schemeName({ scheme }: Carrier, schemes: SecuritySchemes): string {
  const wanted = `session${scheme.type === 'http' ? 'Bearer' : capitalized(scheme.in)}`;
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted}${count}`;
    schemes[name] ??= scheme;
    if (JSON.stringify(schemes[name]) === JSON.stringify(scheme)) return name;
  }
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
