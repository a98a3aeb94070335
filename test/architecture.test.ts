import { describe, expect, test, vi } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import {
  countLines,
  findCycle,
  hasFile,
  hasOnlyReExports,
  type Import,
  readSource,
  readSourceFiles,
  type SourceFile,
} from './_support/source-tree.ts';

/** Which rooms each room of `src` may import. Anything else is an error: integrations never import each other. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  stores: ['core'],
  transports: ['core'],
  verifiers: ['core'],
  // The only file that combines the core with its default transport.
  'create-sessions': ['core', 'transports'],
  index: ['core', 'verifiers', 'create-sessions'],
  trpc: ['core'],
  client: ['core'],
  next: ['core'],
  react: ['core'],
  openapi: ['core'],
  testing: ['core'],
  cli: ['core', 'stores'],
};

/** The floors of `src/core`, from the top down. A file may import its own floor and the floors below it. */
const floors = ['manager', 'session', 'request', 'engine', 'options', 'ports', 'record', 'events', 'errors'];

/** Packages that only some rooms may import. Any room may import a package that is not listed. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  ioredis: ['stores'],
  'iron-session': ['transports'],
  'lru-cache': ['core', 'stores', 'transports'],
  '@trpc/server': ['trpc', 'client', 'openapi'],
  '@trpc/client': ['client'],
  next: ['next'],
  react: ['react'],
  vitest: ['testing'],
};

/** Files of more than 200 lines, each with the reason why it is better whole. */
const longFiles: Readonly<Record<string, string>> = {};

const maxLines = 200;
const src = readSourceFiles('src');
const app = [...readSourceFiles('app'), ...['proxy.ts', 'instrumentation.ts'].filter(hasFile).map(readSource)];
const entryPoints = Object.values(manifest.exports).map((path) => path.replace(/^\.\//, ''));
const importsOfSrc = src.flatMap((file) => file.imports.map((imported) => ({ file, imported })));

describe('the rooms of src', () => {
  test('each file is in a known room', () => {
    expect(src.filter((file) => !(getRoom(file.path) in mayImport)).map(getPath)).toEqual([]);
  });

  test('a room imports only the rooms that it may import', () => {
    const wrong = importsOfSrc.filter(({ file, imported }) => {
      const [from, to] = [getRoom(file.path), imported.file && getRoom(imported.file)];
      return to !== undefined && to !== from && !mayImport[from]?.includes(to);
    });
    expect(wrong.map(formatImport)).toEqual([]);
  });

  test('create-sessions.ts imports no transport except the cookie', () => {
    const transports = readSource('src/create-sessions.ts').imports.filter(
      ({ file }) => file && getRoom(file) === 'transports',
    );
    expect(transports.map(({ file }) => file)).toEqual(['src/transports/cookie.ts']);
  });

  test('react imports only types from the core', () => {
    const wrong = importsOfSrc.filter(
      ({ file, imported }) =>
        getRoom(file.path) === 'react' && imported.file && getRoom(imported.file) === 'core' && !imported.typeOnly,
    );
    expect(wrong.map(formatImport)).toEqual([]);
  });

  test('a package with rooms of its own is imported only there', () => {
    const wrong = importsOfSrc.filter(({ file, imported }) => {
      const rooms = imported.file === undefined ? packageRooms[getPackage(imported.specifier)] : undefined;
      return rooms !== undefined && !rooms.includes(getRoom(file.path));
    });
    expect(wrong.map(formatImport)).toEqual([]);
  });

  test('the library imports its own files by relative paths with their extension', () => {
    const wrong = importsOfSrc.filter(
      ({ imported }) => getPackage(imported.specifier) === manifest.name || !(imported.file?.match(/\.tsx?$/) ?? true),
    );
    expect(wrong.map(formatImport)).toEqual([]);
  });

  test('the demo imports the library only by its package name', () => {
    const wrong = app.flatMap((file) =>
      file.imports
        .filter((imported) => imported.file?.startsWith('src/'))
        .map((imported) => formatImport({ file, imported })),
    );
    expect(wrong).toEqual([]);
  });

  test('imports form no cycle', () => {
    expect(findCycle(src)).toBeUndefined();
    expect(findCycle(app)).toBeUndefined();
  });
});

describe('the floors of the core', () => {
  test('each file is on a known floor, and each floor has a file', () => {
    const found = new Set(src.flatMap(({ path }) => getFloor(path) ?? []));
    expect([...found].toSorted()).toEqual(floors.toSorted());
  });

  test('a file imports only its own floor and lower ones', () => {
    const wrong = importsOfSrc.filter(({ file, imported }) => {
      const [from, to] = [getFloor(file.path), imported.file && getFloor(imported.file)];
      return from !== undefined && to !== undefined && floors.indexOf(to) < floors.indexOf(from);
    });
    expect(wrong.map(formatImport)).toEqual([]);
  });
});

describe('the entry points', () => {
  test('an entry point at the top of src only re-exports', () => {
    const atTheTop = entryPoints.filter((path) => /^src\/[^/]+$/.test(path));
    expect(atTheTop.filter((path) => !hasOnlyReExports(readSource(path)))).toEqual([]);
  });

  test('a file at the top of src is an entry point, cli.ts, verifiers.ts or create-sessions.ts', () => {
    const known = [...entryPoints, 'src/cli.ts', 'src/verifiers.ts', 'src/create-sessions.ts'];
    expect(src.map(getPath).filter((path) => /^src\/[^/]+$/.test(path) && !known.includes(path))).toEqual([]);
  });

  test('no file in a folder of src only re-exports', () => {
    const inFolders = src.filter(({ path }) => path.split('/').length > 2);
    expect(inFolders.filter(hasOnlyReExports).map(getPath)).toEqual([]);
  });

  test('no file uses export *', () => {
    expect(src.filter(({ text }) => /^\s*export\s+(type\s+)?\*/m.test(text)).map(getPath)).toEqual([]);
  });
});

describe('the size of files', () => {
  test('a file has at most 200 lines, unless it is listed with a reason', () => {
    const long = src.filter((file) => countLines(file) > maxLines && !(file.path in longFiles));
    expect(long.map((file) => `${file.path}: ${countLines(file)}`)).toEqual([]);
  });

  test('a file that is listed as long exists and is long', () => {
    const listed = Object.keys(longFiles);
    expect(listed.filter((path) => !hasFile(path) || countLines(readSource(path)) <= maxLines)).toEqual([]);
  });
});

describe('importing', () => {
  test.each(entryPoints)('%s does not read the environment and does not connect', async (path) => {
    vi.resetModules();
    const readers = watchEnvironment();
    await import(/* @vite-ignore */ `../${path}`);
    expect(readers.filter((frame) => frame.includes('/src/') && !frame.includes('/node_modules/'))).toEqual([]);
    expect(process.getActiveResourcesInfo().filter((name) => /TCP|TLS|AddrInfo/.test(name))).toEqual([]);
  });
});

/** Collects the calling line of each read of the environment, until the end of the test. */
function watchEnvironment(): readonly string[] {
  const readers: string[] = [];
  const watched = new Proxy(process.env, {
    get(env, name, receiver) {
      readers.push(new Error().stack?.split('\n')[2] ?? '');
      return Reflect.get(env, name, receiver);
    },
  });
  vi.spyOn(process, 'env', 'get').mockReturnValue(watched);
  return readers;
}

function getPath({ path }: SourceFile): string {
  return path;
}

function formatImport({ file, imported }: { readonly file: SourceFile; readonly imported: Import }): string {
  return `${file.path} → ${imported.file ?? imported.specifier}`;
}

function getRoom(path: string): string {
  const [, room = ''] = path.split('/');
  return room.replace(/\.tsx?$/, '');
}

/** The folder of `src/core` that a file is in, or the name of a file at its root. Undefined outside the core. */
function getFloor(path: string): string | undefined {
  return /^src\/core\/([\w-]+)/.exec(path)?.[1];
}

function getPackage(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
