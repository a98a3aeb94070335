import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { exists, readSource } from './_support/source-tree.ts';

const doors = Object.entries(manifest.exports).map(([door, path]) => ({ door, path: path.replace(/^\.\//, '') }));

describe('the public surface', () => {
  test.each(doors)('$door leads to a file', ({ path }) => {
    expect(exists(path)).toBe(true);
  });

  test.each(doors)('$door exports these names and no others', async ({ door, path }) => {
    const values: object = await import(/* @vite-ignore */ door.replace('.', manifest.name));
    expect(Object.fromEntries([...kindsOf(values), ...typesOf(path)].sort(byName))).toMatchSnapshot();
  });
});

function kindsOf(values: object): readonly (readonly [string, string])[] {
  return Object.entries(values).map(([name, value]) => [name, typeof value] as const);
}

/** The types that a door exports, of which nothing is left at run time: read from its source. */
function typesOf(path: string): readonly (readonly [string, string])[] {
  const { text } = readSource(path);
  const declared = Array.from(text.matchAll(/^export (?:interface|type) (\w+)/gm), ([, name = '']) => name);
  const passedOn = Array.from(text.matchAll(/^export (type )?\{([^}]*)\}/gm), ([, allTypes, names = '']) =>
    names.split(',').map((name) => (allTypes ? `type ${name.trim()}` : name.trim())),
  );
  const types = passedOn.flat().flatMap((name) => /^type (?:\w+ as )?(\w+)$/.exec(name)?.[1] ?? []);
  return [...declared, ...types].map((name) => [name, 'type'] as const);
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}
