import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One `import` or `export … from` of a file. */
export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** The imported file of this repository, relative to the root. Undefined for a package. */
  readonly file: string | undefined;
  /** Whether it imports types alone, so that it does not run. */
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

/** Reads the TypeScript files below a folder. */
export function readSourceFiles(folder: string): readonly SourceFile[] {
  const entries = hasFile(folder) ? readdirSync(root + folder, { recursive: true, encoding: 'utf8' }) : [];
  return entries
    .filter((name) => /\.tsx?$/.test(name))
    .sort()
    .map((name) => readSource(`${folder}/${name}`));
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(root + path, 'utf8');
  return { path, text, imports: findImports(path, stripComments(text)) };
}

/** Whether the repository has a file or folder at this path. */
export function hasFile(path: string): boolean {
  return existsSync(root + path);
}

export function countLines({ text }: SourceFile): number {
  return text.trimEnd().split('\n').length;
}

/** Whether a file defines nothing itself and only exports what other files define. */
export function hasOnlyReExports({ text }: SourceFile): boolean {
  return stripComments(text).replaceAll(reExport, '').replaceAll(directive, '').trim() === '';
}

/** Finds the first import cycle, counting imports of types. Undefined if there is none. */
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
  for (const { path } of files) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return undefined;
}

function findImports(path: string, code: string): readonly Import[] {
  const toImport = (specifier: string, typeOnly: boolean): Import => ({
    specifier,
    file: resolveFrom(path, specifier),
    typeOnly,
  });
  return [
    ...Array.from(code.matchAll(fromClause), ([, type, names = '', specifier = '']) =>
      toImport(specifier, type !== undefined || hasOnlyTypes(names)),
    ),
    ...Array.from(code.matchAll(bareImport), ([, specifier = '']) => toImport(specifier, false)),
    ...Array.from(code.matchAll(dynamicImport), ([, specifier = '']) => toImport(specifier, false)),
  ];
}

/** Whether each name of an import clause is marked as a type: `{ type A, type B }`. */
function hasOnlyTypes(clause: string): boolean {
  const listed = /^\{([^}]*)\}$/.exec(clause.trim())?.[1];
  const names = (listed ?? '').split(',').filter((name) => name.trim() !== '');
  return names.length > 0 && names.every((name) => /^\s*type\s/.test(name));
}

function resolveFrom(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const target = resolve(dirname(root + path), specifier);
  const found = extensions
    .map((extension) => target + extension)
    .find((file) => /\.\w+$/.test(file) && existsSync(file));
  return relative(root, found ?? target);
}

function stripComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}
