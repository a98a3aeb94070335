import type { AnyTRPCRouter } from '@trpc/server';
import type { Carrier } from '../core/transport.ts';
import { type ErrorForm, errorFormOf, errorSchema, restErrorSchema } from './errors.ts';
import {
  guardText,
  refusalsBy,
  refusalText,
  type SecuritySchemes,
  schemeName,
  securityOf,
  sessionFacts,
} from './guarding.ts';
import type { JsonSchema } from './json-schema.ts';
import { type Described, matcherOf } from './matching.ts';
import { proceduresOf, recordOf } from './procedures.ts';
import { mapValues, objectSchema } from './schema-parts.ts';
import { type Wire, wireOf, wrapped } from './wire.ts';

/** What is true of the router, whoever describes it. */
interface Truth {
  readonly wire: Wire;
  readonly errorForm: ErrorForm;
  readonly schemes: SecuritySchemes;
}

/** A copy of somebody else's document of a router, with the security of the guards that are really mounted. */
export function decorated(document: object, router: AnyTRPCRouter, carriers: readonly Carrier[]): object {
  const { paths, components } = recordOf(document);
  const { securitySchemes } = recordOf(components);
  const schemes = { ...(securitySchemes as SecuritySchemes | undefined) };
  for (const carrier of carriers) schemeName(carrier, schemes);
  const truth = { wire: wireOf(router), errorForm: errorFormOf(router), schemes };
  const match = matcherOf(proceduresOf(router));
  const truthful = mapValues(recordOf(paths), (item, path) =>
    mapValues(recordOf(item), (operation, method) => {
      const described = match({ path, method, operation: recordOf(operation) });
      return described ? guarded(described, truth) : operation;
    }),
  );
  const asked = schemesAsked(truthful, recordOf(document).security);
  for (const name of schemesAsked(paths)) if (!asked.has(name)) delete schemes[name];
  return { ...document, paths: truthful, components: { ...recordOf(components), securitySchemes: schemes } };
}

function guarded(described: Described, truth: Truth): JsonSchema {
  const { operation, procedure, method } = described;
  const { guards } = procedure;
  const { description, security: _, ...others } = operation;
  const words = joined(description, guardText(guards), '\n\n');
  return {
    ...others,
    ...(words !== '' && { description: words }),
    responses: answersOf(described, truth),
    security: securityOf(guards, truth.schemes),
    ...(guards.length > 0 && { 'x-session': sessionFacts(guards, method) }),
  };
}

function answersOf(described: Described, truth: Truth): JsonSchema {
  const { procedure, method, served } = described;
  const form = procedure.formatsErrors ? 'custom' : truth.errorForm;
  const theirs = withoutClaims(described);
  // tRPC takes the status from the shape, which is not known then.
  if (served === 'trpc' && form === 'custom') return theirs;
  const ours = refusalsBy(procedure.guards, method).map((refusal): [string, JsonSchema] => {
    const { description } = recordOf(theirs[refusal.status]);
    const error = objectSchema({ error: wrapped(errorSchema(form, refusal), truth.wire.output) });
    const schema = served === 'rest' ? restErrorSchema(form, refusal) : error;
    const words = joined(description, refusalText(refusal), ' ');
    return [String(refusal.status), { description: words, content: { 'application/json': { schema } } }];
  });
  return { ...theirs, ...Object.fromEntries(ours) };
}

/**
 * The answers without those that `trpc-to-openapi` adds to every endpoint, protected or not, unless it is told which errors
 * there are.
 */
function withoutClaims({ operation, procedure, served }: Described): JsonSchema {
  const answers = recordOf(operation.responses);
  if (served === 'trpc' || recordOf(procedure.meta.openapi).errorResponses !== undefined) return answers;
  const { 401: _unauthorized, 403: _forbidden, ...others } = answers;
  return others;
}

/** What somebody wrote and what we have to add, unless it is there already. */
function joined(theirs: unknown, ours: string | null, between: string): string {
  const texts = typeof theirs === 'string' ? [theirs] : [];
  return (ours === null || texts[0]?.includes(ours) ? texts : [...texts, ours]).join(between);
}

/** The schemes that a document's operations ask for. */
function schemesAsked(paths: unknown, ...general: readonly unknown[]): ReadonlySet<string> {
  const operations = Object.values(recordOf(paths)).flatMap((item) => Object.values(recordOf(item)));
  const requirements = [...general, ...operations.map((operation) => recordOf(operation).security)].flat();
  return new Set(requirements.flatMap((requirement) => Object.keys(recordOf(requirement))));
}
