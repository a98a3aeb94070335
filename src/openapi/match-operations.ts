import type { JsonSchema } from './json-schema.ts';
import { type RouterProcedure, toHttpMethod, toRecord } from './procedures.ts';

/** An operation of a document. */
export interface DocumentOperation {
  readonly path: string;
  readonly method: string;
  readonly operation: JsonSchema;
}

/** An operation and its procedure: as tRPC serves it, or as an endpoint of its own that `meta.openapi` declares. */
export interface MatchedOperation extends DocumentOperation {
  readonly procedure: RouterProcedure;
  readonly served: 'trpc' | 'rest';
}

/** Finds the procedure behind an operation; null where it is none of this router's. */
export function createMatcher(
  procedures: readonly RouterProcedure[],
): (place: DocumentOperation) => MatchedOperation | null {
  const byPath = new Map(procedures.map((procedure) => [`${toHttpMethod(procedure)} /${procedure.path}`, procedure]));
  const byMeta = new Map(procedures.flatMap((procedure) => listEndpoints(procedure).map((at) => [at, procedure])));
  return (place) => {
    const at = `${place.method} ${place.path}`;
    const served = isTrpcOperation(place) ? 'trpc' : 'rest';
    const procedure = served === 'trpc' ? byPath.get(at) : byMeta.get(at);
    return procedure ? { ...place, procedure, served } : null;
  };
}

function listEndpoints({ meta }: RouterProcedure): readonly string[] {
  const { method, path } = toRecord(meta.openapi);
  if (typeof method !== 'string' || typeof path !== 'string') return [];
  return [`${method.toLowerCase()} /${path.replace(/^\/|\/$/g, '')}`];
}

/** Whether an operation is named as tRPC names it, and answers in tRPC's `{ result }`. */
function isTrpcOperation({ path, operation: { operationId, responses } }: DocumentOperation): boolean {
  const { content } = toRecord(toRecord(responses)['200']);
  const { schema } = toRecord(toRecord(content)['application/json']);
  return operationId === path.slice(1) && 'result' in toRecord(toRecord(schema).properties);
}
