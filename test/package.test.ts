// Slow: it packs the package, and installs it with npm.
import { cp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { type InstalledPackage, packAndInstall } from './_support/installed-package.ts';
import { findPackageProblems, findTypeProblems } from './matrix/package-checks.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = join(root, 'node_modules/.bin/tsc');
let installed: InstalledPackage;

beforeAll(async () => {
  installed = await packAndInstall();
}, 120_000);

afterAll(() => installed?.remove());

describe('the tarball', () => {
  test('leaves the manifest as it was', async () => {
    const before = await readFile(join(root, 'package.json'), 'utf8');
    expect(await readFile(join(installed.repository, 'package.json'), 'utf8')).toBe(before);
  });

  test('points every entry point at built files', async () => {
    const { exports } = JSON.parse(await readFile(join(installed.folder, 'package.json'), 'utf8'));
    expect(Object.keys(exports)).toEqual(Object.keys(manifest.exports));
    for (const entryPoint of Object.values<Record<string, string>>(exports)) {
      expect(Object.keys(entryPoint)).toEqual(['types', 'default']);
      for (const file of Object.values(entryPoint)) {
        await expect(readFile(join(installed.folder, file), 'utf8')).resolves.toBeTruthy();
      }
    }
  });

  test('contains no sources, tests or scripts', async () => {
    const listing = await installed.run('tar', '-tzf', installed.tarball);
    const files = listing.trim().split('\n');
    expect(files.filter((file) => !/^package\/(dist\/|[A-Za-z.]+$)/.test(file))).toEqual([]);
  });

  test('has no problem that publint finds', async () => {
    expect(await findPackageProblems(installed.tarball)).toEqual([]);
  });

  test('has types that are-the-types-wrong accepts', async () => {
    expect(await findTypeProblems(installed.tarball)).toEqual([]);
  });

  test('keeps the "use client" directive of the React entry point', async () => {
    expect(await readFile(join(installed.folder, 'dist/react.js'), 'utf8')).toMatch(/^['"]use client['"]/);
  });
});

describe('a project that installs the package', () => {
  test('runs sessions in plain Node', async () => {
    await writeFile(join(installed.consumer, 'main.js'), consumerProgram);
    const printed = await installed.run(process.execPath, 'main.js');
    expect(JSON.parse(printed)).toEqual({
      signedIn: 'Ada',
      unknown: null,
      entryPoints: ['function', 'function', 'function'],
    });
  });

  test('runs the program of the package', async () => {
    expect(await installed.run('npx', '--no', 'trpc-session', 'doctor')).toContain(`Node.js ${process.versions.node}`);
  });

  test('imports every entry point in plain Node', async () => {
    const names = Object.keys(manifest.exports).map((name) => name.replace('.', manifest.name));
    const program = `for (const name of ${JSON.stringify(names)}) console.log(typeof (await import(name)))`;
    const printed = await installed.run(process.execPath, '--input-type=module', '--eval', program);
    expect(printed.trim().split('\n')).toEqual(names.map(() => 'object'));
  });

  test('signs in over HTTP after loading every package with require()', async () => {
    await cp(join(root, 'test/fixtures/node-app'), installed.consumer, { recursive: true });
    // With require(), the app gets the CommonJS build of tRPC, and the library gets the other one.
    expect(JSON.parse(await installed.run(process.execPath, 'main.cjs'))).toEqual({
      before: 'missing',
      greeting: 'Hello ada',
      admin: 'refused',
      theme: 'dark',
      after: 'missing',
    });
  });

  test('type-checks against the published declarations', async () => {
    await writeFile(join(installed.consumer, 'types.ts'), consumerTypes);
    await writeFile(join(installed.consumer, 'tsconfig.json'), JSON.stringify(consumerTsconfig));
    const output = await installed.run(tsc, '-p', '.').catch((error: Error) => error.message);
    // Errors in the peers' declarations do not count. The peers are links to files outside the project.
    expect(output.split('\n').filter((line) => /\berror TS/.test(line) && !line.startsWith('../'))).toEqual([]);
  }, 60_000);

  test('takes a client of redis where ioredis is not installed, and says when a URL needs ioredis', async () => {
    const link = (name: string) => join(installed.consumer, 'node_modules', name);
    await rm(link('ioredis'));
    try {
      await symlink(join(root, 'node_modules/redis'), link('redis'));
      await writeFile(join(installed.consumer, 'types.ts'), nodeRedisTypes);
      const output = await installed.run(tsc, '-p', '.').catch((error: Error) => error.message);
      expect(output.split('\n').filter((line) => /\berror TS/.test(line) && !line.startsWith('../'))).toEqual([]);
      await writeFile(join(installed.consumer, 'redis.js'), nodeRedisProgram);
      const printed = await installed.run(process.execPath, 'redis.js');
      expect(printed).toBe('redis NOT_CONFIGURED ERR_MODULE_NOT_FOUND\n');
    } finally {
      await symlink(join(root, 'node_modules/ioredis'), link('ioredis'));
    }
  }, 60_000);
});

const nodeRedisTypes = `
  import { createClient, createCluster, createSentinel } from 'redis';
  import { redisStore } from 'trpc-session/stores/redis';

  export const store = redisStore(createClient());
  redisStore(createCluster({ rootNodes: [] }));
  redisStore(createSentinel({ name: 'sessions', sentinelRootNodes: [] }));
  redisStore('redis://localhost');
  // @ts-expect-error Options are those of ioredis.
  redisStore({ host: 'localhost' });
`;

const nodeRedisProgram = `
  import { createClient } from 'redis';
  import { redisStore } from 'trpc-session/stores/redis';

  const failure = await redisStore('redis://localhost').ping('key').catch((error) => error);
  console.log(redisStore(createClient()).name, failure.code, failure.cause.code);
`;

const consumerProgram = `
  import { createSessions } from 'trpc-session';
  import { memoryStore } from 'trpc-session/stores/memory';
  import { bearer, header } from 'trpc-session/transports/header';
  import { cookie } from 'trpc-session/transports/cookie';
  import { z } from 'zod';

  const sessions = createSessions({
    schema: z.object({ name: z.string() }),
    view: ({ name }) => ({ name }),
    store: memoryStore(),
    transport: bearer(),
    secret: 'a secret of at least thirty-two characters',
  });
  const open = (headers) => sessions.open({ headers: new Headers(headers), method: 'POST' });
  const issued = await open({}).start({ name: 'Ada' });
  const found = await open({ authorization: 'Bearer ' + issued.token }).get();
  const unknown = await open({ authorization: 'Bearer unknown' }).get();
  console.log(JSON.stringify({
    signedIn: found.data.name,
    unknown,
    entryPoints: [memoryStore, header, cookie].map((value) => typeof value),
  }));
`;

const consumerTypes = `
  import { initTRPC } from '@trpc/server';
  import { createSessions, matches, type SessionSnapshot } from 'trpc-session';
  import { createNextSession } from 'trpc-session/next';
  import { createReactSession } from 'trpc-session/react';
  import { createTrpcSession } from 'trpc-session/trpc';
  import { memoryStore } from 'trpc-session/stores/memory';
  import { redisStore } from 'trpc-session/stores/redis';
  import { cookie } from 'trpc-session/transports/cookie';
  import { bearer } from 'trpc-session/transports/header';
  import { z } from 'zod';
${Object.keys(manifest.exports)
  .map((name, index) => `  export type EntryPoint${index} = typeof import('${name.replace('.', manifest.name)}');`)
  .join('\n')}

  export const sessions = createSessions({
    schema: z.object({ name: z.string() }),
    view: ({ name }) => ({ name }),
    secret: process.env.SESSION_SECRET,
    store: process.env.REDIS_URL ? redisStore(process.env.REDIS_URL) : memoryStore(),
    transport: process.env.COOKIE ? cookie() : bearer(),
  });
  const handle = sessions.open({ headers: new Headers(), method: 'GET' });
  export const snapshot: Promise<SessionSnapshot<{ name: string }> | null> = handle.get();
  export const isNamedAda = matches({ name: 'Ada' });
  const trpc = createTrpcSession(sessions);
  export const { createContext, requireSession, createSessionProcedures, createErrorFormatter } = trpc;
  const t = initTRPC.context<typeof createContext>().create({ errorFormatter: createErrorFormatter() });
  export const protectedProcedure = t.procedure.use(requireSession(isNamedAda));
  export const appRouter = t.router({
    session: createSessionProcedures(t.procedure),
    who: protectedProcedure.query(({ ctx }) => ctx.session.data.name),
  });
  export const next = createNextSession(sessions);
  export const { privateResponse, deleteSession, requireSession: guardPage } = next;
  export const errorFormatter = createErrorFormatter();
  export const open = sessions.open;
  export const react = createReactSession<typeof sessions>();
  // @ts-expect-error The schema wants a name.
  handle.start({ nmae: 'Ada' });
`;

const consumerTsconfig = {
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    // Otherwise a broken import in the published declarations would have the type `any`.
    skipLibCheck: false,
    // Packages of a monorepo emit declarations. They must be able to name every type that they infer from this package.
    declaration: true,
    outDir: 'out',
    types: ['node'],
  },
  files: ['types.ts'],
};
