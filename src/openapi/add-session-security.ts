import type { AnyTRPCRouter } from '@trpc/server';
import type { SessionCarrier } from '../core/ports/transport.ts';
import { createErrorSchema, createRestErrorSchema, detectErrorShape, type ErrorShapeKind } from './errors.ts';
import {
  createSessionExtension,
  describeGuards,
  explainRefusal,
  listRefusals,
  registerScheme,
  type SecuritySchemes,
  toSecurityRequirements,
} from './guards.ts';
import type { JsonSchema } from './json-schema.ts';
import { createMatcher, type MatchedOperation } from './match-operations.ts';
import { listProcedures, toRecord } from './procedures.ts';
import { createObjectSchema, mapValues } from './schema-parts.ts';
import { detectTransformer, type RouterTransformer, wrapSchema } from './transformer.ts';

/** What the operations of one document need to describe their guards. */
interface SecurityContext {
  readonly transformer: RouterTransformer;
  readonly errorShape: ErrorShapeKind;
  readonly schemes: SecuritySchemes;
}

/** Returns a copy of a router's document, written by another generator, with the security of the router's guards. */
export function addSessionSecurity(
  document: object,
  router: AnyTRPCRouter,
  carriers: readonly SessionCarrier[],
): object {
  const { paths, components, security } = toRecord(document);
  const { securitySchemes } = toRecord(components);
  const schemes = { ...(securitySchemes as SecuritySchemes | undefined) };
  for (const carrier of carriers) registerScheme(carrier, schemes);
  const context = { transformer: detectTransformer(router), errorShape: detectErrorShape(router), schemes };
  const match = createMatcher(listProcedures(router));
  const securedPaths = mapValues(toRecord(paths), (item, path) =>
    mapValues(toRecord(item), (operation, method) => {
      const matched = match({ path, method, operation: toRecord(operation) });
      return matched ? addGuards(matched, context) : operation;
    }),
  );
  const usedNames = collectSchemeNames(securedPaths, security);
  // A scheme that only the replaced requirements named is not used any more.
  for (const name of collectSchemeNames(paths)) if (!usedNames.has(name)) delete schemes[name];
  return { ...document, paths: securedPaths, components: { ...toRecord(components), securitySchemes: schemes } };
}

function addGuards(matched: MatchedOperation, context: SecurityContext): JsonSchema {
  const { operation, procedure, method } = matched;
  const { guards } = procedure;
  const { description, security: _, ...unchanged } = operation;
  const text = appendText(description, describeGuards(guards), '\n\n');
  return {
    ...unchanged,
    ...(text !== '' && { description: text }),
    responses: mergeResponses(matched, context),
    security: toSecurityRequirements(guards, context.schemes),
    ...(guards.length > 0 && { 'x-session': createSessionExtension(guards, method) }),
  };
}

function mergeResponses(matched: MatchedOperation, { errorShape, transformer }: SecurityContext): JsonSchema {
  const { procedure, method, protocol } = matched;
  const shape = procedure.hasErrorFormatter ? 'custom' : errorShape;
  const existing = removeGenericErrors(matched);
  // tRPC takes the status of an error from its shape. A custom shape can have any status, so none is promised.
  if (protocol === 'trpc' && shape === 'custom') return existing;
  const refusals = listRefusals(procedure.guards, method).map((refusal): [string, JsonSchema] => {
    const error = createObjectSchema({ error: wrapSchema(createErrorSchema(shape, refusal), transformer.output) });
    const schema = protocol === 'rest' ? createRestErrorSchema(shape, refusal) : error;
    const description = appendText(toRecord(existing[refusal.status]).description, explainRefusal(refusal), ' ');
    return [String(refusal.status), { description, content: { 'application/json': { schema } } }];
  });
  return { ...existing, ...Object.fromEntries(refusals) };
}

/**
 * Returns the responses without the 401 and 403 that `trpc-to-openapi` adds to every endpoint, protected or not. It does
 * not add them if the app lists the errors of the endpoint in `errorResponses`.
 */
function removeGenericErrors({ operation, procedure, protocol }: MatchedOperation): JsonSchema {
  const responses = toRecord(operation.responses);
  if (protocol === 'trpc' || toRecord(procedure.meta.openapi).errorResponses !== undefined) return responses;
  const { 401: _unauthorized, 403: _forbidden, ...others } = responses;
  return others;
}

/** Appends a text unless the existing text contains it, so that adding security twice changes nothing. */
function appendText(existing: unknown, addition: string | null, separator: string): string {
  const texts = typeof existing === 'string' ? [existing] : [];
  return (addition === null || texts[0]?.includes(addition) ? texts : [...texts, addition]).join(separator);
}

/** Collects the names of the schemes that operations, or the document as a whole, require. */
function collectSchemeNames(paths: unknown, ...general: readonly unknown[]): ReadonlySet<string> {
  const operations = Object.values(toRecord(paths)).flatMap((item) => Object.values(toRecord(item)));
  const requirements = [...general, ...operations.map((operation) => toRecord(operation).security)].flat();
  return new Set(requirements.flatMap((requirement) => Object.keys(toRecord(requirement))));
}
