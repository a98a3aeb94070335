import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { hasFile, readSource } from './_support/source-tree.ts';

const entryPoints = Object.entries(manifest.exports).map(([name, path]) => ({ name, path: path.replace(/^\.\//, '') }));

describe('the public surface', () => {
  test.each(entryPoints)('$name is a file', ({ path }) => {
    expect(hasFile(path)).toBe(true);
  });

  test.each(entryPoints)('$name exports these names and no others', async ({ name, path }) => {
    const values: object = await import(/* @vite-ignore */ name.replace('.', manifest.name));
    expect(Object.fromEntries([...listValues(values), ...listTypes(path)].sort(compareNames))).toMatchSnapshot();
  });
});

function listValues(values: object): readonly (readonly [string, string])[] {
  return Object.entries(values).map(([name, value]) => [name, typeof value] as const);
}

/** The types that an entry point exports. They do not exist at run time, so they are read from its source. */
function listTypes(path: string): readonly (readonly [string, string])[] {
  const { text } = readSource(path);
  const declared = Array.from(text.matchAll(/^export (?:interface|type) (\w+)/gm), ([, name = '']) => name);
  const reExported = Array.from(text.matchAll(/^export (type )?\{([^}]*)\}/gm), ([, allTypes, names = '']) =>
    names.split(',').map((name) => (allTypes ? `type ${name.trim()}` : name.trim())),
  );
  const types = reExported.flat().flatMap((name) => /^type (?:\w+ as )?(\w+)$/.exec(name)?.[1] ?? []);
  return [...declared, ...types].map((name) => [name, 'type'] as const);
}

function compareNames([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}
