import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { SessionError } from '../core/errors.ts';
import { type GuardFacts, readGuardFacts } from '../core/ports/guard-facts.ts';

/** One procedure of a router: what tRPC knows of it at run time. */
export interface RouterProcedure {
  /** From the root of the router, with dots between. */
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly inputs: readonly unknown[];
  readonly output: unknown;
  readonly meta: Readonly<Record<string, unknown>>;
  /** The guards that are mounted on it, in order: its own, and those of the procedures that it was built on. */
  readonly guards: readonly GuardFacts[];
  /** Whether it has an error formatter of its own, beside the router's. */
  readonly formatsErrors: boolean;
}

/** What tRPC keeps of a procedure, and does not declare in full. */
interface ProcedureDefinition {
  readonly type: RouterProcedure['type'];
  readonly inputs: readonly unknown[];
  readonly output?: unknown;
  readonly meta?: unknown;
  readonly middlewares: readonly (object & { readonly _type?: string })[];
}

/**
 * The procedures of a router, in its order.
 *
 * @throws SessionError `INVALID_OPTION` where parts of the router are not loaded yet: a document must not pass over them.
 */
export function listProcedures({ _def }: AnyTRPCRouter): readonly RouterProcedure[] {
  const missing = Object.keys(_def.lazy ?? {});
  if (missing.length > 0) {
    const hint = `The lazy routers ${missing.join(', ')} are not loaded: pass \`await loadRouter(router)\`.`;
    throw new SessionError('INVALID_OPTION', { hint });
  }
  return Object.entries(_def.procedures as Record<string, AnyTRPCProcedure>).map(([path, procedure]) => {
    const { type, inputs, output, meta, middlewares } = procedure._def as unknown as ProcedureDefinition;
    const guards = middlewares.flatMap((middleware) => readGuardFacts(middleware) ?? []);
    const formatsErrors = middlewares.some(({ _type }) => _type === 'errors');
    return { path, type, inputs, output, meta: toRecord(meta), guards, formatsErrors };
  });
}

/** Loads the lazy parts of a router, and theirs. Resolves to the same router, whole. */
export async function loadRouter<Router extends AnyTRPCRouter>(router: Router): Promise<Router> {
  const loaders = Object.values(router._def.lazy ?? {});
  if (loaders.length === 0) return router;
  await Promise.all(loaders.map(({ load }) => load()));
  return loadRouter(router);
}

/** A procedure's HTTP method, in the words of a document. */
export function toHttpMethod({ type }: RouterProcedure): 'get' | 'post' {
  return type === 'mutation' ? 'post' : 'get';
}

/** The router that a procedure is in, by its path; empty at the root. */
export function getSection(path: string): string {
  return path.split('.').slice(0, -1).join('.');
}

/** A value as a record, an empty one where it is none. */
export function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
