import type { JsonSchema } from './json-schema.ts';
import { type RouterProcedure, toHttpMethod, toRecord } from './procedures.ts';

/** An operation of a document and its place there. */
export interface DocumentOperation {
  readonly path: string;
  readonly method: string;
  readonly operation: JsonSchema;
}

/** An operation and the procedure that serves it, by tRPC's own protocol or as a REST endpoint of `meta.openapi`. */
export interface MatchedOperation extends DocumentOperation {
  readonly procedure: RouterProcedure;
  readonly protocol: 'trpc' | 'rest';
}

/** Creates a function that finds the procedure of an operation. It returns null if the router has no such procedure. */
export function createMatcher(
  procedures: readonly RouterProcedure[],
): (candidate: DocumentOperation) => MatchedOperation | null {
  const byPath = new Map(procedures.map((procedure) => [`${toHttpMethod(procedure)} /${procedure.path}`, procedure]));
  const byEndpoint = new Map(
    procedures.flatMap((procedure) => listEndpoints(procedure).map((endpoint) => [endpoint, procedure])),
  );
  return (candidate) => {
    const endpoint = `${candidate.method} ${candidate.path}`;
    const protocol = isTrpcOperation(candidate) ? 'trpc' : 'rest';
    const procedure = (protocol === 'trpc' ? byPath : byEndpoint).get(endpoint);
    return procedure ? { ...candidate, procedure, protocol } : null;
  };
}

/** Lists the REST endpoints that `meta.openapi` declares, in the form `post /path`. */
function listEndpoints({ meta }: RouterProcedure): readonly string[] {
  const { method, path } = toRecord(meta.openapi);
  if (typeof method !== 'string' || typeof path !== 'string') return [];
  return [`${method.toLowerCase()} /${path.replace(/^\/|\/$/g, '')}`];
}

/** Returns whether an operation has the name that tRPC gives it and responds with tRPC's `{ result }`. */
function isTrpcOperation({ path, operation: { operationId, responses } }: DocumentOperation): boolean {
  const { content } = toRecord(toRecord(responses)['200']);
  const { schema } = toRecord(toRecord(content)['application/json']);
  return operationId === path.slice(1) && 'result' in toRecord(toRecord(schema).properties);
}
