import { anyOf, freshWithin, type Immutable, matches, refuse, type Verifier } from 'trpc-session';
import { z } from 'zod';
import { type schema, sessions } from './account.ts';
import { expectType } from './expect-type.ts';

type Data = Immutable<z.infer<typeof schema>>;

const session = sessions.open({ headers: {} });
const { require } = session;

// Without a verifier the data has the schema's type.
const plain = await require();
expectType<Data>()(plain.data, true);
expectType<string>()(plain.id, true);
await plain.update({ visits: 1 });

// A function narrows nothing. It may be asynchronous, and may return a refusal.
const verified = await require((data) => data.visits > 3, async ({ role }) => role === 'admin', () =>
  refuse('no', { code: 'STALE' }));
expectType<Data>()(verified.data, true);
await require(freshWithin('10m'), (_data, { session: snapshot, now }) => now - snapshot.createdAt > 1000);
// @ts-expect-error the data has no such field
await require((data) => data.isAdmin);
// @ts-expect-error a verifier returns true, false or a refusal
await require((data) => data.visits);
// @ts-expect-error an asynchronous verifier resolves to true, false or a refusal
await require(async (data) => data.role);
// @ts-expect-error the verifier expects other data
await require((data: { team: string }) => data.team === 'a');
await require((data) => {
  // @ts-expect-error the data is read-only
  data.visits = 1;
  return true;
});

// A type guard narrows.
const hasEmail = <D extends { readonly email: string | null }>(data: D): data is D & { readonly email: string } =>
  data.email !== null;
const isPro = (data: Data): data is Data & { readonly plan: { readonly name: 'pro'; readonly seats: number } } =>
  data.plan.name === 'pro';
expectType<string>()((await require(hasEmail)).data.email, true);
expectType<number>()((await require(isPro)).data.plan.seats, true);

// A pattern narrows.
const admin = await require(matches({ role: 'admin' }));
expectType<'admin'>()(admin.data.role, true);
expectType<string>()(admin.data.userId, true);
expectType<number>()((await require(matches({ plan: { name: 'pro' } }))).data.plan.seats, true);
// @ts-expect-error there is no such field
await require(matches({ rolle: 'admin' }));
// @ts-expect-error the data has no such nested field
await require(matches({ plan: { nam: 'pro' } }));

// A pattern that no session can match does not compile, at any depth.
// @ts-expect-error the schema has no such role
await require(matches({ role: 'amdin' }));
// @ts-expect-error the field has another type
await require(matches({ userId: 5 }));
// @ts-expect-error the schema has no such plan
await require(matches({ plan: { name: 'gold' } }));
// @ts-expect-error the free plan has no seats
await require(matches({ plan: { name: 'free', seats: 3 } }));
// @ts-expect-error the field is an object
await require(matches({ plan: 'pro' }));
// @ts-expect-error the two patterns contradict each other
await require(matches({ role: 'admin' }), matches({ role: 'member' }));
// @ts-expect-error the type guard and the pattern contradict each other
await require(isPro, matches({ plan: { name: 'free' } }));
// A pattern may contain a field that only some sessions have.
expectType<3>()((await require(matches({ plan: { seats: 3 } }))).data.plan.seats, true);
expectType<null>()((await require(matches({ email: null }))).data.email, true);

// A schema narrows.
const seated = await require(matches(z.object({ email: z.email(), plan: z.object({ name: z.literal('pro') }) })));
expectType<string>()(seated.data.email, true);
expectType<number>()(seated.data.plan.seats, true);

// @ts-expect-error the schema is valid for no session
await require(matches(z.object({ role: z.literal('owner') })));
// A schema may contain built-in objects, optional fields, unknown values and brands.
await require(
  matches(z.object({ since: z.date(), tags: z.set(z.string()), names: z.map(z.string(), z.array(z.number())) })),
);
await require(
  matches(z.object({ userId: z.string().brand('UserId'), nickname: z.string().optional(), role: z.unknown() })),
);
await require(matches(z.looseObject({ role: z.enum(['admin', 'owner']) })));

// Several verifiers narrow together.
const both = await require(matches({ role: 'admin' }), isPro, hasEmail, freshWithin('5m'), (data) => data.visits > 0);
expectType<'admin'>()(both.data.role, true);
expectType<number>()(both.data.plan.seats, true);
expectType<string>()(both.data.email, true);

// anyOf narrows to one of several.
const either = await require(anyOf(matches({ role: 'admin' }), isPro));
expectType<'member' | 'admin'>()(either.data.role, true);
if (either.data.role === 'member') expectType<number>()(either.data.plan.seats, true);
const roles = await require(anyOf(matches({ role: 'admin' }), matches({ role: 'member' })));
expectType<'member' | 'admin'>()(roles.data.role, true);
// @ts-expect-error one of the verifiers expects other data
await require(anyOf(matches({ role: 'admin' }), matches({ rolle: 'admin' })));
// @ts-expect-error one of the verifiers can never pass
await require(anyOf(matches({ role: 'admin' }), matches({ role: 'amdin' })));
// @ts-expect-error a verifier of the nested anyOf can never pass
await require(anyOf(isPro, anyOf(matches({ role: 'admin' }), matches({ visits: '1' }))));
// A verifier without parameters can be combined with any other, and narrows nothing.
const unnarrowed = await require(anyOf(() => true, matches({ role: 'admin' })));
expectType<Data>()(unnarrowed.data, true);
// @ts-expect-error anyOf needs at least one verifier
anyOf();

// A verifier can be written for every app whose data has the fields it reads.
const hasVisited: Verifier<{ readonly visits: number }> = ({ visits }) => visits > 0;
expectType<Data>()((await require(hasVisited)).data, true);
