// Slow: it compiles the library, and starts Redis and each app of the benchmark in a process of its own.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildLibrary, removeLibrary } from '../../bench/library.mjs';
import { createRequest, readCookies } from '../../bench/measure/http-connection.mjs';
import { createLab, measureWork } from '../../bench/measure/lab.mjs';
import { createServers } from '../../bench/measure/servers.mjs';
import { subjects } from '../../bench/subjects.mjs';

type SubjectName = keyof typeof subjects;

const operations = ['sign-in', 'me', 'update', 'regenerate', 'sign-out'];
const readOnly = ['sign-in', 'me'];
let library: string;
let servers: Awaited<ReturnType<typeof createServers>>;
let lab: ReturnType<typeof createLab>;

beforeAll(async () => {
  library = buildLibrary();
  servers = await createServers();
  lab = createLab({ library, isShort: true }, servers);
}, 60_000);

afterAll(async () => {
  await lab.closeSubjects();
  await servers.stop();
  removeLibrary(library);
});

/** One subject for each app that serves the operations without a peer and without a build. */
const chosen = new Map(
  (Object.keys(subjects) as SubjectName[])
    .filter((name) => !/^peers|(next|seal|bystander)$/.test(subjects[name].app))
    .map((name) => [subjects[name].app, name])
    .reverse() as [string, SubjectName][],
);

test.concurrent.each([...chosen])('the app %s serves each operation that is measured', async (app, name) => {
  const commands = await tryOperations(name);
  expect(Object.keys(commands)).toEqual(/hmget|handwritten/.test(app) ? readOnly : operations);
});

test('the commands of a request are those that the app sends, and not those that a script runs', async () => {
  expect(await tryOperations('node-ours')).toEqual({
    'sign-in': { EVALSHA: 1 },
    me: { HMGET: 1 },
    update: { HMGET: 1, EVALSHA: 1 },
    regenerate: { HMGET: 1, EVALSHA: 1 },
    'sign-out': { EVALSHA: 1 },
  });
});

/** Sends one request of each kind. Resolves to the Redis commands of each operation that succeeded. */
async function tryOperations(name: SubjectName): Promise<Record<string, object>> {
  const subject = await lab.open(name);
  const succeeded: Record<string, object> = {};
  let cookie = '';
  for (const operation of operations) {
    const request = createRequest(operation === 'me' ? 'GET' : 'POST', `/${operation}`, cookie);
    const onResponse = (_index: number, response: { readonly head: string }) => {
      cookie = readCookies(response) || cookie;
    };
    const next = (index: number) => (index === 0 ? request : null);
    try {
      const { commands } = await measureWork(subject, () => subject.load.run({ inFlight: 1, next, onResponse }));
      succeeded[operation] = commands;
    } catch {
      // The test expects the operations that succeed.
    }
  }
  return succeeded;
}
