import type { AnyTRPCRouter } from '@trpc/server';
import type { Carrier } from '../core/transport.ts';
import { type ErrorForm, errorFormOf, errorSchema, restErrorSchema } from './errors.ts';
import {
  guardText,
  type Refusal,
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
  const { description, responses, security: _, ...others } = operation;
  const paragraphs = [description, guardText(guards)].filter((text) => typeof text === 'string');
  return {
    ...others,
    ...(paragraphs.length > 0 && { description: [...new Set(paragraphs)].join('\n\n') }),
    responses: { ...withoutClaims(described), ...refusalAnswers(described, truth) },
    security: securityOf(guards, truth.schemes),
    ...(guards.length > 0 && { 'x-session': sessionFacts(guards, method) }),
  };
}

/** `trpc-to-openapi` takes every endpoint for a protected one, and says so, unless it is told otherwise. */
function withoutClaims({ operation, procedure, served }: Described): JsonSchema {
  const { errorResponses } = recordOf(procedure.meta.openapi);
  const { 401: _unauthorized, 403: _forbidden, ...others } = recordOf(operation.responses);
  return served === 'rest' && errorResponses === undefined ? others : recordOf(operation.responses);
}

function refusalAnswers({ procedure, method, served }: Described, { wire, errorForm }: Truth): JsonSchema {
  const form = procedure.formatsErrors ? 'custom' : errorForm;
  const bodyOf = (refusal: Refusal): JsonSchema => {
    if (served === 'rest') return restErrorSchema(form, refusal);
    return objectSchema({ error: wrapped(errorSchema(form, refusal), wire.output) });
  };
  const answers = refusalsBy(procedure.guards, method).map((refusal): [string, JsonSchema] => {
    const content = { 'application/json': { schema: bodyOf(refusal) } };
    return [String(refusal.status), { description: refusalText(refusal), content }];
  });
  return Object.fromEntries(answers);
}

/** The schemes that a document's operations ask for. */
function schemesAsked(paths: unknown, ...general: readonly unknown[]): ReadonlySet<string> {
  const operations = Object.values(recordOf(paths)).flatMap((item) => Object.values(recordOf(item)));
  const requirements = [...general, ...operations.map((operation) => recordOf(operation).security)].flat();
  return new Set(requirements.flatMap((requirement) => Object.keys(recordOf(requirement))));
}
