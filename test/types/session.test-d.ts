import type {
  AuthenticatedView,
  InferSession,
  IssuedSession,
  Session,
  SessionSnapshot,
  SessionTypes,
  UnauthenticatedView,
} from 'trpc-session';
import { input, sessions, type withoutPatch, withoutSubject } from './account.ts';
import { expectType } from './expect-type.ts';

const session = sessions.open({ headers: {} });

const snapshot = await session.get();
// @ts-expect-error it may be nobody
snapshot.data;
if (!snapshot) throw new Error();

// What was read is read-only, all the way down.
const { data } = snapshot;
expectType<string>()(data.userId, true);
expectType<'member' | 'admin'>()(data.role, true);
expectType<string | null>()(data.email, true);
expectType<number>()(data.visits, true);
expectType<ReadonlySet<string>>()(data.tags, true);
expectType<ReadonlyMap<string, readonly number[]>>()(data.names, true);
expectType<number>()(data.since.getTime(), true);
// @ts-expect-error a field
data.role = 'admin';
// @ts-expect-error a field of a field
data.plan.name = 'pro';
// @ts-expect-error a Date
data.since.setTime(0);
// @ts-expect-error a Set
data.tags.add('a');
// @ts-expect-error a Map
data.names.set('a', []);
// @ts-expect-error an array in a Map
data.names.get('a')?.push(1);
// @ts-expect-error a clock
snapshot.expiresAt = 0;
// @ts-expect-error there is no such field
data.isAdmin;

// start takes what the schema accepts, or a function of what there was.
expectType<IssuedSession<typeof data>>()(await session.start(input), true);
await session.start({ ...input, visits: 1 }, { idle: '1h', absolute: 60_000, remember: false });
await session.start((previous) => ({ ...input, visits: (previous?.visits ?? 0) + 1 }));
await session.start(data);
// @ts-expect-error a field is absent
await session.start({ userId: 'ada' });
// @ts-expect-error a field is of another type
await session.start({ ...input, role: 'owner' });
// @ts-expect-error a field too many
await session.start({ ...input, isAdmin: true });
// @ts-expect-error the function must be synchronous
await session.start(async () => input);
// @ts-expect-error a unit that is none
await session.start(input, { idle: '1x' });
// @ts-expect-error an option that is none
await session.start(input, { ttl: 5 });
const { token } = await session.start(input);
expectType<string | null>()(token, true);

// update takes a part, or a function.
expectType<SessionSnapshot<typeof data>>()(await session.update({ visits: 1 }), true);
await session.update((held) => ({ ...held, visits: held.visits + 1 }));
// @ts-expect-error a field is of another type
await session.update({ visits: '1' });
// @ts-expect-error there is no such field
await session.update({ isAdmin: true });
// @ts-expect-error the function must answer all of it
await session.update((held) => ({ visits: held.visits }));
// @ts-expect-error the function must be synchronous
await session.update(async (held) => held);
await session.update((held) => {
  // @ts-expect-error what it gets is read-only
  held.visits = 1;
  return held;
});

// The view is what `view` makes, and nothing more.
const view = await session.view();
expectType<AuthenticatedView<{ role: 'member' | 'admin'; visits: number }> | UnauthenticatedView>()(view, true);
if (view.status === 'authenticated') {
  expectType<number>()(view.data.visits, true);
  // @ts-expect-error the view leaves it out
  view.data.userId;
}

expectType<{ readonly cookieCleared: boolean }>()(await session.destroy(), true);

// A subject has the type that `subject` returns.
sessions.of('ada');
// @ts-expect-error subjects are strings
sessions.of(42);
// @ts-expect-error without a subject function there are no subjects
withoutSubject.of('ada');

// InferSession gives the types of a manager.
type Types = InferSession<typeof sessions>;
expectType<string>()(({} as Types['data']).userId, true);
expectType<{ role: 'member' | 'admin'; visits: number }>()({} as Types['view'], true);
expectType<{ visits: number }>()({} as Types['patch'], true);
expectType<string>()('' as Types['subject'], true);
expectType<number | undefined>()(({} as Types['input']).visits, true);
expectType<never>()({} as InferSession<typeof withoutPatch>['patch'], true);
// @ts-expect-error a manager is needed
type _NoManager = InferSession<{ userId: string }>;

// The session of one app is not assignable to that of another.
declare const anyones: Session<SessionTypes & { data: { other: string } }>;
// @ts-expect-error its data has other fields
const mine: typeof session = anyones;
void mine;
