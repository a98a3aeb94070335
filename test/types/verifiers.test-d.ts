import { anyOf, freshWithin, type Immutable, matches, refuse, type Verifier } from 'trpc-session';
import { z } from 'zod';
import { type schema, sessions } from './account.ts';
import { expectType } from './expect-type.ts';

type Data = Immutable<z.infer<typeof schema>>;

const session = sessions.open({ headers: {} });
const { require } = session;

// Without a verifier the session is there, and its data is whole.
const plain = await require();
expectType<Data>()(plain.data, true);
expectType<string>()(plain.id, true);
await plain.update({ visits: 1 });

// A function narrows nothing; it may be asynchronous, and may say why not.
const verified = await require((data) => data.visits > 3, async ({ role }) => role === 'admin', () =>
  refuse('no', { code: 'STALE' }));
expectType<Data>()(verified.data, true);
await require(freshWithin('10m'), (_data, { session: held, now }) => now - held.createdAt > 1000);
// @ts-expect-error there is no such field
await require((data) => data.isAdmin);
// @ts-expect-error only true, false or a refusal are answers
await require((data) => data.visits);
// @ts-expect-error not even an asynchronous one
await require(async (data) => data.role);
// @ts-expect-error a verifier of other data
await require((data: { team: string }) => data.team === 'a');
await require((data) => {
  // @ts-expect-error it may not change what it judges
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

// A pattern narrows, and must fit the data.
const admin = await require(matches({ role: 'admin' }));
expectType<'admin'>()(admin.data.role, true);
expectType<string>()(admin.data.userId, true);
expectType<number>()((await require(matches({ plan: { name: 'pro' } }))).data.plan.seats, true);
// @ts-expect-error there is no such field
await require(matches({ rolle: 'admin' }));
// @ts-expect-error there is no such field of a field
await require(matches({ plan: { nam: 'pro' } }));

// A schema narrows.
const seated = await require(matches(z.object({ email: z.email(), plan: z.object({ name: z.literal('pro') }) })));
expectType<string>()(seated.data.email, true);
expectType<number>()(seated.data.plan.seats, true);

// Several narrow together.
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
// @ts-expect-error one of them is no verifier of this data
await require(anyOf(matches({ role: 'admin' }), matches({ rolle: 'admin' })));
// A verifier that looks at nothing fits beside any other, and narrows nothing.
const whoever = await require(anyOf(() => true, matches({ role: 'admin' })));
expectType<Data>()(whoever.data, true);
// @ts-expect-error of none
anyOf();

// A verifier can be written apart from any app.
const visited: Verifier<{ readonly visits: number }> = ({ visits }) => visits > 0;
expectType<Data>()((await require(visited)).data, true);
