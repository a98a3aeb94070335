import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { SessionError } from '../core/errors.ts';
import { type GuardFacts, readGuardFacts } from '../core/ports/guard-facts.ts';

/** One procedure of a router, as tRPC holds it at run time. */
export interface RouterProcedure {
  /** From the root of the router, joined by dots. */
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  /** The input validators. */
  readonly inputs: readonly unknown[];
  /** The output validator, if there is one. */
  readonly output: unknown;
  readonly meta: Readonly<Record<string, unknown>>;
  /** The guards that are mounted on it, in order, including those of its base procedures. */
  readonly guards: readonly GuardFacts[];
  /** Whether it has an error formatter of its own, besides the router's. */
  readonly hasErrorFormatter: boolean;
}

/** The part of tRPC's procedure definition that is read here. tRPC does not declare all of it. */
interface ProcedureDefinition {
  readonly type: RouterProcedure['type'];
  readonly inputs: readonly unknown[];
  readonly output?: unknown;
  readonly meta?: unknown;
  readonly middlewares: readonly (object & { readonly _type?: string })[];
}

/**
 * Lists the procedures of a router in its own order.
 *
 * @throws SessionError `INVALID_OPTION` if lazy parts of the router are not loaded. Without this check a document would
 * silently omit their procedures.
 */
export function listProcedures({ _def }: AnyTRPCRouter): readonly RouterProcedure[] {
  const missing = Object.keys(_def.lazy ?? {});
  if (missing.length > 0) {
    const hint = `These lazy routers are not loaded: ${missing.join(', ')}. Pass \`await loadRouter(router)\` instead of the router.`;
    throw new SessionError('INVALID_OPTION', { hint });
  }
  return Object.entries(_def.procedures as Record<string, AnyTRPCProcedure>).map(([path, procedure]) => {
    const { type, inputs, output, meta, middlewares } = procedure._def as unknown as ProcedureDefinition;
    const guards = middlewares.flatMap((middleware) => readGuardFacts(middleware) ?? []);
    const hasErrorFormatter = middlewares.some(({ _type }) => _type === 'errors');
    return { path, type, inputs, output, meta: toRecord(meta), guards, hasErrorFormatter };
  });
}

/** Loads the lazy parts of a router, at every depth. Resolves to the same router. */
export async function loadRouter<Router extends AnyTRPCRouter>(router: Router): Promise<Router> {
  const loaders = Object.values(router._def.lazy ?? {});
  if (loaders.length === 0) return router;
  await Promise.all(loaders.map(({ load }) => load()));
  return loadRouter(router);
}

/** Returns the HTTP method of a procedure, in lower case as OpenAPI writes it. */
export function toHttpMethod({ type }: RouterProcedure): 'get' | 'post' {
  return type === 'mutation' ? 'post' : 'get';
}

/** Returns the path of the router that a procedure is in. It is empty at the root. */
export function getRouterPath(procedurePath: string): string {
  return procedurePath.split('.').slice(0, -1).join('.');
}

/** Returns an object value as a record, and an empty record for any other value. */
export function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
