import type { JsonSchema } from './json-schema.ts';
import { httpMethod, type RouterProcedure, recordOf } from './procedures.ts';

/** An operation of a document. */
export interface Place {
  readonly path: string;
  readonly method: string;
  readonly operation: JsonSchema;
}

/** An operation and its procedure: as tRPC serves it, or as an endpoint of its own that `meta.openapi` declares. */
export interface Described extends Place {
  readonly procedure: RouterProcedure;
  readonly served: 'trpc' | 'rest';
}

/** Finds the procedure behind an operation; null where it is none of this router's. */
export function matcherOf(procedures: readonly RouterProcedure[]): (place: Place) => Described | null {
  const byPath = new Map(procedures.map((procedure) => [`${httpMethod(procedure)} /${procedure.path}`, procedure]));
  const byMeta = new Map(procedures.flatMap((procedure) => endpointsOf(procedure).map((at) => [at, procedure])));
  return (place) => {
    const at = `${place.method} ${place.path}`;
    const served = isTrpc(place) ? 'trpc' : 'rest';
    const procedure = served === 'trpc' ? byPath.get(at) : byMeta.get(at);
    return procedure ? { ...place, procedure, served } : null;
  };
}

function endpointsOf({ meta }: RouterProcedure): readonly string[] {
  const { method, path } = recordOf(meta.openapi);
  if (typeof method !== 'string' || typeof path !== 'string') return [];
  return [`${method.toLowerCase()} /${path.replace(/^\/|\/$/g, '')}`];
}

/** Whether an operation is named as tRPC names it, and answers in tRPC's `{ result }`. */
function isTrpc({ path, operation: { operationId, responses } }: Place): boolean {
  const { content } = recordOf(recordOf(responses)['200']);
  const { schema } = recordOf(recordOf(content)['application/json']);
  return operationId === path.slice(1) && 'result' in recordOf(recordOf(schema).properties);
}
