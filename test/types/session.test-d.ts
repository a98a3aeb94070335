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
// @ts-expect-error the visitor may be signed out
snapshot.data;
if (!snapshot) throw new Error();

// A snapshot is read-only at every depth.
const { data } = snapshot;
expectType<string>()(data.userId, true);
expectType<'member' | 'admin'>()(data.role, true);
expectType<string | null>()(data.email, true);
expectType<number>()(data.visits, true);
expectType<ReadonlySet<string>>()(data.tags, true);
expectType<ReadonlyMap<string, readonly number[]>>()(data.names, true);
expectType<number>()(data.since.getTime(), true);
// @ts-expect-error a field is read-only
data.role = 'admin';
// @ts-expect-error a nested field is read-only
data.plan.name = 'pro';
// @ts-expect-error a Date is read-only
data.since.setTime(0);
// @ts-expect-error a Set is read-only
data.tags.add('a');
// @ts-expect-error a Map is read-only
data.names.set('a', []);
// @ts-expect-error an array in a Map is read-only
data.names.get('a')?.push(1);
// @ts-expect-error a time of the session is read-only
snapshot.expiresAt = 0;
// @ts-expect-error the data has no such field
data.isAdmin;

// start takes input for the schema, or a function of the previous data.
expectType<IssuedSession<typeof data>>()(await session.start(input), true);
await session.start({ ...input, visits: 1 }, { idle: '1h', absolute: 60_000, remember: false });
await session.start((previous) => ({ ...input, visits: (previous?.visits ?? 0) + 1 }));
await session.start(data);
// @ts-expect-error fields are missing
await session.start({ userId: 'ada' });
// @ts-expect-error a field has another type
await session.start({ ...input, role: 'owner' });
// @ts-expect-error the schema has no such field
await session.start({ ...input, isAdmin: true });
// @ts-expect-error the function must be synchronous
await session.start(async () => input);
// @ts-expect-error the unit does not exist
await session.start(input, { idle: '1x' });
// @ts-expect-error the option does not exist
await session.start(input, { ttl: 5 });
const { token } = await session.start(input);
expectType<string | null>()(token, true);

// update takes a part of the data, or a function of the current data.
expectType<SessionSnapshot<typeof data>>()(await session.update({ visits: 1 }), true);
await session.update((current) => ({ ...current, visits: current.visits + 1 }));
// @ts-expect-error a field has another type
await session.update({ visits: '1' });
// @ts-expect-error the data has no such field
await session.update({ isAdmin: true });
// @ts-expect-error the function must return all of the data
await session.update((current) => ({ visits: current.visits }));
// @ts-expect-error the function must be synchronous
await session.update(async (current) => current);
await session.update((current) => {
  // @ts-expect-error the current data is read-only
  current.visits = 1;
  return current;
});

// The view contains what the option `view` returns, and nothing else.
const view = await session.view();
expectType<AuthenticatedView<{ role: 'member' | 'admin'; visits: number }> | UnauthenticatedView>()(view, true);
if (view.status === 'authenticated') {
  expectType<number>()(view.data.visits, true);
  // @ts-expect-error the view does not contain this field
  view.data.userId;
}

expectType<{ readonly cookieCleared: boolean }>()(await session.destroy(), true);

// A subject has the type that `subject` returns.
sessions.of('ada');
// @ts-expect-error the subjects of this app are strings
sessions.of(42);
// @ts-expect-error without the option `subject` there are no subjects
withoutSubject.of('ada');

// From outside, all sessions of a user are changed and listed with the types of the app.
expectType<number>()(await sessions.of('ada').update({ role: 'admin' }), true);
await sessions.of('ada').update((previous) => ({ ...previous, visits: previous.visits + 1 }));
// @ts-expect-error a field has another type
await sessions.of('ada').update({ role: 'owner' });
// @ts-expect-error the function must be synchronous
await sessions.of('ada').update(async (previous) => previous);
const [entry] = await sessions.of('ada').list({ data: true });
expectType<typeof data | null | undefined>()(entry?.data, true);
const [info] = await sessions.of('ada').list();
// @ts-expect-error a list contains no data unless it is asked for
info?.data;

// InferSession gives the types of a manager.
type Types = InferSession<typeof sessions>;
expectType<string>()(({} as Types['data']).userId, true);
expectType<{ role: 'member' | 'admin'; visits: number }>()({} as Types['view'], true);
expectType<{ visits: number }>()({} as Types['patch'], true);
expectType<string>()('' as Types['subject'], true);
expectType<number | undefined>()(({} as Types['input']).visits, true);
expectType<never>()({} as InferSession<typeof withoutPatch>['patch'], true);
// @ts-expect-error InferSession takes the type of a manager
type _NoManager = InferSession<{ userId: string }>;

// The session of one app is not assignable to that of another.
declare const foreignSession: Session<SessionTypes & { data: { other: string } }>;
// @ts-expect-error its data has other fields
const ownSession: typeof session = foreignSession;
void ownSession;
