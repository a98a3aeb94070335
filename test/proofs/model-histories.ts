import fc from 'fast-check';
import type { Edit } from './model.ts';
import * as commands from './model-commands.ts';

export const browsers = 4;

const browser = fc.nat(browsers - 1);
const which = fc.nat(30);
/** Mostly one user, so that the limit is reached. */
const user = fc.constantFrom('ada', 'ada', 'ada', 'grace', undefined);
const signIns = fc.record({ user, carry: fc.boolean(), isShort: fc.boolean() });
const edits = fc.constantFrom<Edit[]>('theme', 'count', 'theme', 'count', 'subject', 'invalid');
const reads = fc.constantFrom('passive' as const, 'active' as const, 'require' as const);
const writes = fc.array(fc.constantFrom('count' as const, 'regenerate' as const), { minLength: 2, maxLength: 4 });
/** When something is due: a touch, the idle timeout or the absolute deadline. Waits end around these times. */
const dueMs = [2_000, 6_000, 20_000, 30_000, 60_000, 100_000];
const waits = fc.constantFrom(1, ...dueMs.flatMap((ms) => [ms - 10, ms - 1, ms]));

export const limits = fc.record({
  max: fc.constantFrom(1, 2, 2, 3, 1000),
  whenFull: fc.constantFrom('evict' as const, 'refuse' as const),
});

/** A command of one browser, with an argument. */
function createCommand<Argument>(
  name: string,
  argument: fc.Arbitrary<Argument>,
  toStep: (browser: number, argument: Argument) => commands.Step,
): fc.Arbitrary<commands.Command> {
  return fc
    .tuple(browser, argument)
    .map(
      ([at, value]) => new commands.Command(`browser ${at}: ${name} ${JSON.stringify(value) ?? ''}`, toStep(at, value)),
    );
}

const nothing = fc.constant(undefined);
const signIn = createCommand('sign in', signIns, (b, how) => (m, c) => commands.signIn(m, c, b, how));
const administration = fc.record({ user: fc.constantFrom('ada', 'grace'), all: fc.boolean(), which });

const timelessCommands: readonly fc.Arbitrary<commands.Command>[] = [
  signIn,
  signIn,
  signIn,
  createCommand('update', edits, (b, edit) => (m, c) => commands.update(m, c, b, edit)),
  createCommand('regenerate', fc.boolean(), (b, again) => (m, c) => commands.regenerate(m, c, b, again)),
  createCommand('write at once', writes, (b, all) => (m, c) => commands.writeAtOnce(m, c, b, all)),
  createCommand('sign out', nothing, (b) => (m, c) => commands.signOut(m, c, b)),
  createCommand('read', reads, (b, how) => (m, c) => commands.read(m, c, b, how)),
  createCommand('list', nothing, (b) => (m, c) => commands.list(m, c, b)),
  createCommand('revoke', which, (b, n) => (m, c) => commands.revoke(m, c, b, n)),
  createCommand('revoke others', nothing, (b) => (m, c) => commands.revokeOthers(m, c, b)),
  createCommand('reuse credential', which, (b, n) => (m) => commands.reuseCredential(m, b, n)),
  fc
    .tuple(fc.constantFrom('ada', 'grace'), edits)
    .map(
      ([name, edit]) =>
        new commands.Command(`update all of ${name}: ${edit}`, (m, c) => commands.updateAll(m, c, name, edit)),
    ),
  fc
    .constantFrom(true, false, false)
    .map(
      (ends) =>
        new commands.Command(`administer everybody: ${ends}`, (m, c) => commands.administerEverybody(m, c, ends)),
    ),
  administration.map((how) => {
    return new commands.Command(`administer ${JSON.stringify(how)}`, (m, c) => commands.administer(m, c, how));
  }),
];

/** Commands that let time pass. They need the test's clock. */
const timedCommands: readonly fc.Arbitrary<commands.Command>[] = [
  waits.map((ms) => new commands.Command(`wait ${ms}`, (m, c) => commands.wait(m, c, ms))),
  createCommand('stay active', fc.integer({ min: 2, max: 6 }), (b, n) => (m, c) => commands.stayActive(m, c, b, n)),
];

export function listCommands(hasTestClock: boolean): fc.Arbitrary<commands.Command>[] {
  return hasTestClock ? [...timelessCommands, ...timedCommands] : [...timelessCommands];
}
