import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { invalidOption } from '../core/errors.ts';
import { type GuardFacts, guardFacts } from '../core/guard-facts.ts';

/** One procedure of a router: what tRPC knows of it at run time. */
export interface RouterProcedure {
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly inputs: readonly unknown[];
  readonly output: unknown;
  readonly meta: Readonly<Record<string, unknown>>;
  /** The guards that are mounted on it, in order: its own and those of the procedures that it was built on. */
  readonly guards: readonly GuardFacts[];
}

/** What tRPC keeps of a procedure but does not declare. */
interface Definition {
  readonly type: RouterProcedure['type'];
  readonly inputs: readonly unknown[];
  readonly output?: unknown;
  readonly meta?: unknown;
  readonly middlewares: readonly object[];
}

/** The procedures of a router, nested ones by their whole path, in its order. */
export function proceduresOf({ _def }: AnyTRPCRouter): readonly RouterProcedure[] {
  const lazy = Object.keys(_def.lazy ?? {});
  if (lazy.length > 0) throw invalidOption('router', `loaded whole, and is not yet at ${lazy.join(', ')}`, _def);
  return Object.entries(_def.procedures as Record<string, AnyTRPCProcedure>).map(([path, procedure]) => {
    const { type, inputs, output, meta, middlewares } = procedure._def as unknown as Definition;
    const guards = middlewares.flatMap((middleware) => guardFacts(middleware) ?? []);
    return { path, type, inputs, output, meta: recordOf(meta), guards };
  });
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
