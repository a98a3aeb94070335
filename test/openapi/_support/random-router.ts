import { type AnyTRPCRouter, lazy } from '@trpc/server';
import fc from 'fast-check';
import { freshWithin, matches } from 'trpc-session';
import { z } from 'zod';
import type { OpenApiApp } from './app.ts';

type Builder = OpenApiApp['t']['procedure'];
type Step = (app: OpenApiApp, to: Builder) => unknown;

/** Every kind of step that a procedure's chain can have. The names of guards begin with `guard`. */
const steps: Readonly<Record<string, Step>> = {
  'guard, alone': ({ requireSession }, to) => to.use(requireSession()),
  'guard with verifiers': ({ requireSession }, to) =>
    to.use(requireSession(matches({ name: 'Ada' }), freshWithin('1h'))),
  'guard as a middleware of the app': ({ t, requireSession }, to) => to.use(t.middleware(requireSession() as never)),
  'guard in a pipe': ({ t, requireSession }, to) =>
    to.use(createPassThrough(t).unstable_pipe(requireSession() as never)),
  'guard through concat': ({ t, requireSession }, to) => to.concat(t.procedure.use(requireSession())),
  'guard through concat, behind an input': ({ t, requireSession }, to) =>
    to.concat(t.procedure.input(z.object({ b: z.string() })).use(requireSession())),
  'an input': (_, to) => to.input(z.object({ a: z.string() })),
  'another input': (_, to) => to.input(z.object({ b: z.string().optional() })),
  'an output': (_, to) => to.output(z.any()),
  'a meta': (_, to) => to.meta({ description: 'Words.' }),
  'a plain concat': ({ t }, to) => to.concat(t.procedure.use(createPassThrough(t))),
  'a middleware that reads the session': ({ t }, to) =>
    to.use(
      t.middleware(async function guard({ ctx, next }) {
        await ctx.session.get();
        return next({ ctx: { session: ctx.session } });
      }),
    ),
  'a middleware that resembles a guard': ({ t, sessions }, to) => {
    const facts = { verifiers: [], carriers: sessions.facts.carriers };
    const middleware = async ({ next }: { next: () => unknown }) => next();
    return to.use(t.middleware(Object.assign(middleware, facts, { 'trpc-session.guard': facts }) as never));
  },
};

function createPassThrough(t: OpenApiApp['t']) {
  return t.middleware(({ next }) => next());
}

/** A procedure, given by the steps of its chain: those of its base procedure, then its own. */
interface ProcedurePlan {
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
  .map(({ kind, steps: own }) => ({ kind, steps: keepFirstOutput(own) }));

/** tRPC rejects a second output. */
function keepFirstOutput(names: readonly string[]): readonly string[] {
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

/** Builds a planned router. Returns it with, for each path, whether the procedure is guarded. */
export function buildRouter(
  app: OpenApiApp,
  plan: RouterPlan,
): { router: AnyTRPCRouter; guarded: Map<string, boolean> } {
  const guarded = new Map<string, boolean>();
  const { t } = app;
  const bases = new Map<string, Builder>();
  /** Procedures whose chains begin with the same steps share a base procedure. */
  const buildChain = (names: readonly string[]): Builder => {
    const key = names.join();
    const [last, ...before] = [...names].reverse();
    if (last === undefined) return t.procedure;
    const builder = bases.get(key) ?? (steps[last]?.(app, buildChain(before.reverse())) as Builder);
    bases.set(key, builder);
    return builder;
  };
  const buildRecord = (children: readonly Plan[], path: string): Record<string, unknown> =>
    Object.fromEntries(
      children.map((child, at) => {
        const name = `${child.kind}${at}`;
        const place = path === '' ? name : `${path}.${name}`;
        return [name, 'steps' in child ? buildProcedure(child, place) : buildNested(child, place)];
      }),
    );
  const buildProcedure = ({ kind, steps: names }: ProcedurePlan, path: string): unknown => {
    guarded.set(
      path,
      names.some((name) => name.startsWith('guard')),
    );
    const builder = buildChain(names);
    if (kind === 'query') return builder.query(() => ({ at: new Date(0) }) as never);
    if (kind === 'mutation') return builder.mutation(() => ({ at: new Date(0) }) as never);
    return builder.subscription(async function* () {
      yield { at: new Date(0) };
    } as never);
  };
  const buildNested = ({ kind, children }: RouterPlan, path: string): unknown => {
    const record = buildRecord(children, path);
    if (kind === 'record') return record;
    const router = t.router(record as never);
    return kind === 'lazy' ? lazy(async () => router) : router;
  };
  return { router: t.router(buildRecord(plan.children, '') as never), guarded };
}
