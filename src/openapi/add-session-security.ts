import type { AnyTRPCRouter } from '@trpc/server';
import type { SessionCarrier } from '../core/ports/transport.ts';
import { createErrorSchema, createRestErrorSchema, detectErrorForm, type ErrorForm } from './errors.ts';
import {
  describeGuards,
  explainRefusal,
  listRefusals,
  registerScheme,
  type SecuritySchemes,
  toSecurityRequirements,
  toSessionFacts,
} from './guards.ts';
import type { JsonSchema } from './json-schema.ts';
import { createMatcher, type MatchedOperation } from './match-operations.ts';
import { listProcedures, toRecord } from './procedures.ts';
import { createObjectSchema, mapValues } from './schema-parts.ts';
import { detectWire, type Wire, wrapSchema } from './wire.ts';

/** What is true of the router, whoever describes it. */
interface RouterFacts {
  readonly wire: Wire;
  readonly errorForm: ErrorForm;
  readonly schemes: SecuritySchemes;
}

/** A copy of somebody else's document of a router, with the security of the guards that are really mounted. */
export function addSessionSecurity(
  document: object,
  router: AnyTRPCRouter,
  carriers: readonly SessionCarrier[],
): object {
  const { paths, components } = toRecord(document);
  const { securitySchemes } = toRecord(components);
  const schemes = { ...(securitySchemes as SecuritySchemes | undefined) };
  for (const carrier of carriers) registerScheme(carrier, schemes);
  const truth = { wire: detectWire(router), errorForm: detectErrorForm(router), schemes };
  const match = createMatcher(listProcedures(router));
  const truthful = mapValues(toRecord(paths), (item, path) =>
    mapValues(toRecord(item), (operation, method) => {
      const described = match({ path, method, operation: toRecord(operation) });
      return described ? addGuards(described, truth) : operation;
    }),
  );
  const asked = collectSchemeNames(truthful, toRecord(document).security);
  for (const name of collectSchemeNames(paths)) if (!asked.has(name)) delete schemes[name];
  return { ...document, paths: truthful, components: { ...toRecord(components), securitySchemes: schemes } };
}

function addGuards(described: MatchedOperation, truth: RouterFacts): JsonSchema {
  const { operation, procedure, method } = described;
  const { guards } = procedure;
  const { description, security: _, ...others } = operation;
  const words = joinTexts(description, describeGuards(guards), '\n\n');
  return {
    ...others,
    ...(words !== '' && { description: words }),
    responses: mergeResponses(described, truth),
    security: toSecurityRequirements(guards, truth.schemes),
    ...(guards.length > 0 && { 'x-session': toSessionFacts(guards, method) }),
  };
}

function mergeResponses(described: MatchedOperation, truth: RouterFacts): JsonSchema {
  const { procedure, method, served } = described;
  const form = procedure.formatsErrors ? 'custom' : truth.errorForm;
  const theirs = removeClaims(described);
  // tRPC takes the status from the shape, which is not known then.
  if (served === 'trpc' && form === 'custom') return theirs;
  const ours = listRefusals(procedure.guards, method).map((refusal): [string, JsonSchema] => {
    const { description } = toRecord(theirs[refusal.status]);
    const error = createObjectSchema({ error: wrapSchema(createErrorSchema(form, refusal), truth.wire.output) });
    const schema = served === 'rest' ? createRestErrorSchema(form, refusal) : error;
    const words = joinTexts(description, explainRefusal(refusal), ' ');
    return [String(refusal.status), { description: words, content: { 'application/json': { schema } } }];
  });
  return { ...theirs, ...Object.fromEntries(ours) };
}

/**
 * The answers without those that `trpc-to-openapi` adds to every endpoint, protected or not, unless it is told which errors
 * there are.
 */
function removeClaims({ operation, procedure, served }: MatchedOperation): JsonSchema {
  const answers = toRecord(operation.responses);
  if (served === 'trpc' || toRecord(procedure.meta.openapi).errorResponses !== undefined) return answers;
  const { 401: _unauthorized, 403: _forbidden, ...others } = answers;
  return others;
}

/** What somebody wrote and what we have to add, unless it is there already. */
function joinTexts(theirs: unknown, ours: string | null, between: string): string {
  const texts = typeof theirs === 'string' ? [theirs] : [];
  return (ours === null || texts[0]?.includes(ours) ? texts : [...texts, ours]).join(between);
}

/** The schemes that a document's operations ask for. */
function collectSchemeNames(paths: unknown, ...general: readonly unknown[]): ReadonlySet<string> {
  const operations = Object.values(toRecord(paths)).flatMap((item) => Object.values(toRecord(item)));
  const requirements = [...general, ...operations.map((operation) => toRecord(operation).security)].flat();
  return new Set(requirements.flatMap((requirement) => Object.keys(toRecord(requirement))));
}
