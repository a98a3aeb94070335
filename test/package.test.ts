import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { type InstalledPackage, packAndInstall } from './_support/installed-package.ts';

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

  test('leads every door to built files', async () => {
    const { exports } = JSON.parse(await readFile(join(installed.folder, 'package.json'), 'utf8'));
    expect(Object.keys(exports)).toEqual(Object.keys(manifest.exports));
    for (const door of Object.values<Record<string, string>>(exports)) {
      expect(Object.keys(door)).toEqual(['types', 'default']);
      for (const file of Object.values(door)) {
        await expect(readFile(join(installed.folder, file), 'utf8')).resolves.toBeTruthy();
      }
    }
  });

  test('holds no sources, tests or tools', async () => {
    const listing = await installed.run('tar', '-tzf', installed.tarball);
    const files = listing.trim().split('\n');
    expect(files.filter((file) => !/^package\/(dist\/|[A-Za-z.]+$)/.test(file))).toEqual([]);
  });

  test('keeps the directive of what runs in the browser', async () => {
    expect(await readFile(join(installed.folder, 'dist/react.js'), 'utf8')).toMatch(/^['"]use client['"]/);
  });
});

describe('a project that installed it', () => {
  test('runs sessions in plain Node', async () => {
    await writeFile(join(installed.consumer, 'main.js'), consumerProgram);
    const printed = await installed.run(process.execPath, 'main.js');
    expect(JSON.parse(printed)).toEqual({
      signedIn: 'Ada',
      unknown: null,
      doors: ['function', 'function', 'function'],
    });
  });

  test('opens every door in plain Node', async () => {
    const doors = Object.keys(manifest.exports).map((door) => door.replace('.', manifest.name));
    const program = `for (const door of ${JSON.stringify(doors)}) console.log(typeof (await import(door)))`;
    const printed = await installed.run(process.execPath, '--input-type=module', '--eval', program);
    expect(printed.trim().split('\n')).toEqual(doors.map(() => 'object'));
  });

  test('type-checks against its declarations', async () => {
    await writeFile(join(installed.consumer, 'types.ts'), consumerTypes);
    await writeFile(join(installed.consumer, 'tsconfig.json'), JSON.stringify(consumerTsconfig));
    const complaints = await installed.run(tsc, '-p', '.').catch((error: Error) => error.message);
    // Those about the peers' own declarations, which are links to somewhere outside the project, are not ours.
    expect(complaints.split('\n').filter((line) => /\berror TS/.test(line) && !line.startsWith('../'))).toEqual([]);
  }, 60_000);
});

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
    doors: [memoryStore, header, cookie].map((door) => typeof door),
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
  .map((door, index) => `  export type Door${index} = typeof import('${door.replace('.', manifest.name)}');`)
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
    // Or an import in our declarations that leads nowhere would pass for `any`.
    skipLibCheck: false,
    // Packages of a monorepo emit declarations, which must be able to name every type that they infer from us.
    declaration: true,
    outDir: 'out',
    types: ['node'],
  },
  files: ['types.ts'],
};
