import { type AnyTRPCRouter, lazy } from '@trpc/server';
import fc from 'fast-check';
import { freshWithin, matches } from 'trpc-session';
import { z } from 'zod';
import type { OpenApiApp } from './app.ts';

type Builder = OpenApiApp['t']['procedure'];
type Step = (app: OpenApiApp, to: Builder) => unknown;

/** Everything that may stand in the chain of a procedure. What guards says so in its name. */
const steps: Readonly<Record<string, Step>> = {
  'guard, alone': ({ requireSession }, to) => to.use(requireSession()),
  'guard with verifiers': ({ requireSession }, to) =>
    to.use(requireSession(matches({ name: 'Ada' }), freshWithin('1h'))),
  'guard as a middleware of the app': ({ t, requireSession }, to) => to.use(t.middleware(requireSession() as never)),
  'guard in a pipe': ({ t, requireSession }, to) => to.use(passing(t).unstable_pipe(requireSession() as never)),
  'guard through concat': ({ t, requireSession }, to) => to.concat(t.procedure.use(requireSession())),
  'guard through concat, behind an input': ({ t, requireSession }, to) =>
    to.concat(t.procedure.input(z.object({ b: z.string() })).use(requireSession())),
  'an input': (_, to) => to.input(z.object({ a: z.string() })),
  'another input': (_, to) => to.input(z.object({ b: z.string().optional() })),
  'an output': (_, to) => to.output(z.any()),
  'a meta': (_, to) => to.meta({ description: 'Words.' }),
  'a plain concat': ({ t }, to) => to.concat(t.procedure.use(passing(t))),
  'what looks at the session': ({ t }, to) =>
    to.use(
      t.middleware(async function guard({ ctx, next }) {
        await ctx.session.get();
        return next({ ctx: { session: ctx.session } });
      }),
    ),
  'what has the facts of a guard': ({ t, sessions }, to) => {
    const facts = { verifiers: [], carriers: sessions.facts.carriers };
    const middleware = async ({ next }: { next: () => unknown }) => next();
    return to.use(t.middleware(Object.assign(middleware, facts, { 'trpc-session.guard': facts }) as never));
  },
};

function passing(t: OpenApiApp['t']) {
  return t.middleware(({ next }) => next());
}

/** A procedure, by the steps of its chain: those of the base that it was built on, and its own. */
export interface ProcedurePlan {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly steps: readonly string[];
}

export interface RouterPlan {
  readonly kind: 'router' | 'record' | 'lazy';
  readonly children: readonly Plan[];
}

type Plan = ProcedurePlan | RouterPlan;

const chain = (maxLength: number) => fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength });

const procedure: fc.Arbitrary<ProcedurePlan> = fc
  .record({
    kind: fc.constantFrom('query' as const, 'mutation' as const, 'subscription' as const),
    steps: chain(4),
  })
  .map(({ kind, steps: own }) => ({ kind, steps: withOneOutput(own) }));

/** tRPC takes no second output. */
function withOneOutput(names: readonly string[]): readonly string[] {
  return names.filter((name, at) => name !== 'an output' || names.indexOf(name) === at);
}

const { router } = fc.letrec<{ plan: Plan; router: RouterPlan }>((tie) => ({
  plan: fc.oneof({ maxDepth: 3, withCrossShrink: true }, procedure, tie('router')),
  router: fc.record({
    kind: fc.constantFrom('router' as const, 'record' as const, 'lazy' as const),
    children: fc.array(tie('plan'), { minLength: 1, maxLength: 4 }),
  }),
}));

export const routerPlan: fc.Arbitrary<RouterPlan> = router;

/** What becomes of a plan: the router, and for each path whether it is guarded. */
export function built(app: OpenApiApp, plan: RouterPlan): { router: AnyTRPCRouter; guarded: Map<string, boolean> } {
  const guarded = new Map<string, boolean>();
  const { t } = app;
  const bases = new Map<string, Builder>();
  /** Procedures whose chains begin alike are built on the same base. */
  const chained = (names: readonly string[]): Builder => {
    const key = names.join();
    const [last, ...before] = [...names].reverse();
    if (last === undefined) return t.procedure;
    const builder = bases.get(key) ?? (steps[last]?.(app, chained(before.reverse())) as Builder);
    bases.set(key, builder);
    return builder;
  };
  const recordOf = (children: readonly Plan[], path: string): Record<string, unknown> =>
    Object.fromEntries(
      children.map((child, at) => {
        const name = `${child.kind}${at}`;
        const place = path === '' ? name : `${path}.${name}`;
        return [name, 'steps' in child ? procedureAt(child, place) : nested(child, place)];
      }),
    );
  const procedureAt = ({ kind, steps: names }: ProcedurePlan, path: string): unknown => {
    guarded.set(
      path,
      names.some((name) => name.startsWith('guard')),
    );
    const builder = chained(names);
    if (kind === 'query') return builder.query(() => ({ at: new Date(0) }) as never);
    if (kind === 'mutation') return builder.mutation(() => ({ at: new Date(0) }) as never);
    return builder.subscription(async function* () {
      yield { at: new Date(0) };
    } as never);
  };
  const nested = ({ kind, children }: RouterPlan, path: string): unknown => {
    const record = recordOf(children, path);
    if (kind === 'record') return record;
    const router = t.router(record as never);
    return kind === 'lazy' ? lazy(async () => router) : router;
  };
  return { router: t.router(recordOf(plan.children, '') as never), guarded };
}
