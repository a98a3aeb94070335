import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One `import` or `export … from` of a file. */
export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** The file of this repository that it names, relative to the root; undefined for a package. */
  readonly file: string | undefined;
  /** Whether nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const extensions = ['', '.ts', '.tsx', '/index.ts', '/index.tsx'];
const fromClause = /^(?:import|export)\s+(type\s+)?(\*(?:\s+as\s+\w+)?|[\w$\s{},*]*?)\s*\bfrom\s*['"]([^'"]+)['"]/gm;
const bareImport = /^import\s*['"]([^'"]+)['"]/gm;
const dynamicImport = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
const reExport = /^export\s+(?:type\s+)?\{[^}]*\}\s*from\s*['"][^'"]+['"];?/gm;
const directive = /^['"]use \w+['"];?/gm;

/** The TypeScript files below a folder. */
export function sourceFiles(folder: string): readonly SourceFile[] {
  const entries = existsSync(root + folder) ? readdirSync(root + folder, { recursive: true, encoding: 'utf8' }) : [];
  return entries
    .filter((name) => /\.tsx?$/.test(name))
    .sort()
    .map((name) => readSource(`${folder}/${name}`));
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(root + path, 'utf8');
  return { path, text, imports: importsOf(path, withoutComments(text)) };
}

export function exists(path: string): boolean {
  return existsSync(root + path);
}

export function linesOf({ text }: SourceFile): number {
  return text.trimEnd().split('\n').length;
}

/** Whether a file only passes on what others define. */
export function onlyReExports({ text }: SourceFile): boolean {
  return withoutComments(text).replaceAll(reExport, '').replaceAll(directive, '').trim() === '';
}

/** The first circle that imports, of types too, lead into; undefined when there is none. */
export function findCycle(files: readonly SourceFile[]): readonly string[] | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const { file } of byPath.get(path)?.imports ?? []) {
      const cycle = file === undefined ? undefined : visit(file, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return undefined;
  };
  return firstOf(files, ({ path }) => visit(path, []));
}

function firstOf<Item, Found>(items: readonly Item[], look: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function importsOf(path: string, code: string): readonly Import[] {
  const entry = (specifier: string, typeOnly: boolean): Import => ({
    specifier,
    file: resolveFrom(path, specifier),
    typeOnly,
  });
  return [
    ...Array.from(code.matchAll(fromClause), ([, type, names = '', specifier = '']) =>
      entry(specifier, type !== undefined || takesOnlyTypes(names)),
    ),
    ...Array.from(code.matchAll(bareImport), ([, specifier = '']) => entry(specifier, false)),
    ...Array.from(code.matchAll(dynamicImport), ([, specifier = '']) => entry(specifier, false)),
  ];
}

/** `{ type A, type B }`: written name by name. */
function takesOnlyTypes(names: string): boolean {
  const listed = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  const each = (listed ?? '').split(',').filter((name) => name.trim() !== '');
  return each.length > 0 && each.every((name) => /^\s*type\s/.test(name));
}

function resolveFrom(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const target = resolve(dirname(root + path), specifier);
  const found = extensions
    .map((extension) => target + extension)
    .find((file) => /\.\w+$/.test(file) && existsSync(file));
  return relative(root, found ?? target);
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}
