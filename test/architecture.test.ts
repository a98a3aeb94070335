import { describe, expect, test, vi } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import {
  exists,
  findCycle,
  type Import,
  linesOf,
  onlyReExports,
  readSource,
  type SourceFile,
  sourceFiles,
} from './_support/source-tree.ts';

/** The arrows: which rooms each room of `src` may import. Nobody else, and never each other. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  stores: ['core'],
  transports: ['core'],
  verifiers: ['core'],
  // Where the core meets its default transport: the only file that knows both.
  'create-sessions': ['core', 'transports'],
  index: ['core', 'verifiers', 'create-sessions'],
  trpc: ['core'],
  client: ['core'],
  next: ['core'],
  react: ['core'],
  openapi: ['core'],
  testing: ['core'],
};

/** The packages that only some rooms know. What is not listed here is nobody's in particular. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  ioredis: ['stores'],
  'iron-session': ['transports'],
  'lru-cache': ['transports'],
  '@trpc/server': ['trpc', 'client', 'openapi'],
  '@trpc/client': ['client'],
  next: ['next'],
  react: ['react'],
  vitest: ['testing'],
};

/** Files of more than 200 lines, and why each is better whole. */
const longFiles: Readonly<Record<string, string>> = {};

const maxLines = 200;
const src = sourceFiles('src');
const app = [...sourceFiles('app'), ...['proxy.ts', 'instrumentation.ts'].filter(exists).map(readSource)];
const entries = Object.values(manifest.exports).map((path) => path.replace(/^\.\//, ''));
const importsOfSrc = src.flatMap((file) => file.imports.map((imported) => ({ file, imported })));

describe('the arrows', () => {
  test('every room is one of those that the design names', () => {
    expect(src.filter((file) => !(roomOf(file.path) in mayImport)).map(pathOf)).toEqual([]);
  });

  test('a room imports only the rooms that it may', () => {
    const wrong = importsOfSrc.filter(({ file, imported }) => {
      const [from, to] = [roomOf(file.path), imported.file && roomOf(imported.file)];
      return to !== undefined && to !== from && !mayImport[from]?.includes(to);
    });
    expect(wrong.map(arrow)).toEqual([]);
  });

  test('of the transports, the composition root takes the cookie alone', () => {
    const taken = readSource('src/create-sessions.ts').imports.filter(
      ({ file }) => file && roomOf(file) === 'transports',
    );
    expect(taken.map(({ file }) => file)).toEqual(['src/transports/cookie.ts']);
  });

  test('react takes nothing but types from the core', () => {
    const wrong = importsOfSrc.filter(
      ({ file, imported }) =>
        roomOf(file.path) === 'react' && imported.file && roomOf(imported.file) === 'core' && !imported.typeOnly,
    );
    expect(wrong.map(arrow)).toEqual([]);
  });

  test('a package that belongs to a room is imported there alone', () => {
    const wrong = importsOfSrc.filter(({ file, imported }) => {
      const rooms = imported.file === undefined ? packageRooms[packageOf(imported.specifier)] : undefined;
      return rooms !== undefined && !rooms.includes(roomOf(file.path));
    });
    expect(wrong.map(arrow)).toEqual([]);
  });

  test('the library names its own files by relative paths with their extension', () => {
    const wrong = importsOfSrc.filter(
      ({ imported }) => packageOf(imported.specifier) === manifest.name || !(imported.file?.match(/\.tsx?$/) ?? true),
    );
    expect(wrong.map(arrow)).toEqual([]);
  });

  test('the demo imports the library by its name alone', () => {
    const wrong = app.flatMap((file) =>
      file.imports.filter((imported) => imported.file?.startsWith('src/')).map((imported) => arrow({ file, imported })),
    );
    expect(wrong).toEqual([]);
  });

  test('no imports lead in a circle', () => {
    expect(findCycle(src)).toBeUndefined();
    expect(findCycle(app)).toBeUndefined();
  });
});

describe('the doors', () => {
  test('a door at the top of src only passes on what others define', () => {
    const doors = entries.filter((path) => /^src\/[^/]+$/.test(path));
    expect(doors.filter((path) => !onlyReExports(readSource(path)))).toEqual([]);
  });

  test('a file at the top of src is a door, or one of the two that are not', () => {
    const known = [...entries, 'src/verifiers.ts', 'src/create-sessions.ts'];
    expect(src.map(pathOf).filter((path) => /^src\/[^/]+$/.test(path) && !known.includes(path))).toEqual([]);
  });

  test('no file below src only passes on what others define', () => {
    const below = src.filter(({ path }) => path.split('/').length > 2);
    expect(below.filter(onlyReExports).map(pathOf)).toEqual([]);
  });

  test('nothing is exported by the star', () => {
    expect(src.filter(({ text }) => /^\s*export\s+(type\s+)?\*/m.test(text)).map(pathOf)).toEqual([]);
  });
});

describe('proportion', () => {
  test('a file has 200 lines at most, unless it is listed with a reason', () => {
    const long = src.filter((file) => linesOf(file) > maxLines && !(file.path in longFiles));
    expect(long.map((file) => `${file.path}: ${linesOf(file)}`)).toEqual([]);
  });

  test('what is listed as long still is', () => {
    expect(Object.keys(longFiles).filter((path) => !exists(path) || linesOf(readSource(path)) <= maxLines)).toEqual([]);
  });
});

describe('importing', () => {
  test.each(entries)('%s neither reads the environment nor connects', async (path) => {
    vi.resetModules();
    const readers = watchEnvironment();
    await import(/* @vite-ignore */ `../${path}`);
    expect(readers.filter((frame) => frame.includes('/src/') && !frame.includes('/node_modules/'))).toEqual([]);
    expect(process.getActiveResourcesInfo().filter((name) => /TCP|TLS|AddrInfo/.test(name))).toEqual([]);
  });
});

/** Collects where the environment is read from until the end of the test: the calling line of each read. */
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

function pathOf({ path }: SourceFile): string {
  return path;
}

function arrow({ file, imported }: { readonly file: SourceFile; readonly imported: Import }): string {
  return `${file.path} → ${imported.file ?? imported.specifier}`;
}

function roomOf(path: string): string {
  const [, room = ''] = path.split('/');
  return room.replace(/\.tsx?$/, '');
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
