import fc from 'fast-check';
import type { Edit } from './model.ts';
import * as happen from './model-commands.ts';

export const browsers = 4;

const browser = fc.nat(browsers - 1);
const which = fc.nat(30);
/** Mostly one user, so that the limit is reached. */
const user = fc.constantFrom('ada', 'ada', 'ada', 'grace', undefined);
const howToSignIn = fc.record({ user, carry: fc.boolean(), brief: fc.boolean() });
const edits = fc.constantFrom<Edit[]>('theme', 'count', 'theme', 'count', 'subject', 'nonsense');
const pace = fc.constantFrom('passive' as const, 'active' as const, 'require' as const);
const steps = fc.array(fc.constantFrom('count' as const, 'regenerate' as const), { minLength: 2, maxLength: 4 });
/** About the moments at which something falls due: a touch, the end of idle, the absolute end. */
const dueMs = [2_000, 6_000, 20_000, 30_000, 60_000, 100_000];
const waits = fc.constantFrom(1, ...dueMs.flatMap((ms) => [ms - 10, ms - 1, ms]));

export const limits = fc.record({
  max: fc.constantFrom(1, 2, 2, 3, 1000),
  whenFull: fc.constantFrom('evict' as const, 'refuse' as const),
});

/** Something that one browser does, with a detail. */
function by<Detail>(
  name: string,
  detail: fc.Arbitrary<Detail>,
  act: (browser: number, detail: Detail) => happen.Happening,
): fc.Arbitrary<happen.Command> {
  return fc
    .tuple(browser, detail)
    .map(([at, how]) => new happen.Command(`browser ${at}: ${name} ${JSON.stringify(how) ?? ''}`, act(at, how)));
}

const nothing = fc.constant(undefined);
const signIn = by('signIn', howToSignIn, (b, how) => (m, c) => happen.signIn(m, c, b, how));
const administration = fc.record({ name: fc.constantFrom('ada', 'grace'), all: fc.boolean(), which });

const always: readonly fc.Arbitrary<happen.Command>[] = [
  signIn,
  signIn,
  signIn,
  by('update', edits, (b, what) => (m, c) => happen.update(m, c, b, what)),
  by('regenerate again', fc.boolean(), (b, again) => (m, c) => happen.regenerate(m, c, b, again)),
  by('at once', steps, (b, all) => (m, c) => happen.severalAtOnce(m, c, b, all)),
  by('destroy', nothing, (b) => (m, c) => happen.signOut(m, c, b)),
  by('look', pace, (b, how) => (m, c) => happen.look(m, c, b, how)),
  by('list', nothing, (b) => (m, c) => happen.list(m, c, b)),
  by('revoke', which, (b, n) => (m, c) => happen.revoke(m, c, b, n)),
  by('revokeOthers', nothing, (b) => (m, c) => happen.revokeOthers(m, c, b)),
  by('replay', which, (b, n) => (m) => happen.replay(m, b, n)),
  administration.map((how) => {
    return new happen.Command(`administer ${JSON.stringify(how)}`, (m, c) => happen.administer(m, c, how));
  }),
];

/** Time passes only where it is the test's. */
const inTime: readonly fc.Arbitrary<happen.Command>[] = [
  waits.map((ms) => new happen.Command(`wait ${ms}`, (m, c) => happen.wait(m, c, ms))),
  by('linger', fc.integer({ min: 2, max: 6 }), (b, looks) => (m, c) => happen.linger(m, c, b, looks)),
];

/** Everything that can happen. */
export function happenings(ownClock: boolean): fc.Arbitrary<happen.Command>[] {
  return ownClock ? [...always, ...inTime] : [...always];
}
