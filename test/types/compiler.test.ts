// Slow: it compiles two files together with zod's and tRPC's declarations.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** The part of TypeScript's API that this test uses. The project's own compiler, version 7, has no such API. */
interface Node {
  readonly name?: Node;
  getText(): string;
}

interface Diagnostic {
  readonly start?: number;
  readonly messageText: unknown;
  readonly file?: { readonly fileName: string; readonly text: string };
}

interface Checker {
  getTypeAtLocation(node: Node): object;
  typeToString(type: object, enclosing: undefined, flags: number): string;
}

interface Program {
  getTypeChecker(): Checker;
  getSourceFile(path: string): Node | undefined;
  getSemanticDiagnostics(file: Node | undefined): readonly Diagnostic[];
}

interface TypeScript {
  createProgram(files: readonly string[], options: object, host: object): Program;
  createCompilerHost(options: object): { getSourceFile(path: string, target: unknown): unknown };
  forEachChild(node: Node, visit: (child: Node) => void): void;
  flattenDiagnosticMessageText(message: unknown, newLine: string): string;
  readConfigFile(path: string, read: unknown): { readonly config: { readonly compilerOptions: object } };
  convertCompilerOptionsFromJson(json: object, base: string): { readonly options: object };
  createSourceFile(path: string, text: string, target: unknown): unknown;
  readonly sys: { readFile(path: string): string | undefined };
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const ts = createRequire(import.meta.url)(
  `${root}test/fixtures/consumers/trpc-11-8/node_modules/typescript`,
) as TypeScript;
const app = `${root}test/types/account-app.ts`;
const mistakes = `${root}test/types/mistakes.ts`;
const expectation = /^\/\/ @ts-expect-error (.*)$/;
const program = createProgram();

describe('an editor', () => {
  const data = '{ userId: string; name: string; role: "member" | "admin"; theme: "light" | "dark"; }';
  const view = '{ name: string; role: "member" | "admin"; theme: "light" | "dark"; }';
  const types = `{ data: ${data}; view: ${view}; }`;
  const shown = findHovers();

  test.each([
    ['sessions', `Sessions<${types}, { theme: "light" | "dark"; }, string>`],
    ['isSignedIn session', `Session<${types}>`],
    ['greet session', `GuardedSession<${types}, unknown>`],
    ['administrate session', `GuardedSession<${types}, { readonly role: "admin"; }>`],
    ['useTheme state', `SessionState<${view}>`],
  ])('shows %s with the fields of the app, in fewer than 250 characters', (name, type) => {
    expect(shown.get(name)).toBe(type);
    expect(type.length).toBeLessThan(250);
  });

  test('shows setSession of the browser without the schema, in fewer than 250 characters', () => {
    const type = shown.get('useTheme setSession') ?? '';
    expect(type).toContain(view);
    expect(type).not.toMatch(/zod/i);
    expect(type.length).toBeLessThan(250);
  });
});

describe('the last line of the compiler message', () => {
  const expected = findExpectations();
  const found = findLastLines();

  test('is expected for at least ten mistakes', () => {
    expect(expected.length).toBeGreaterThan(9);
  });

  test.each(expected)('contains the expected words for line $line: $mistake', ({ line, message }) => {
    expect(found.get(line)).toContain(message);
  });
});

/** Compiles with the options of the project. `mistakes.ts` is compiled without its `@ts-expect-error` comments. */
function createProgram(): Program {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const json = { ...config.compilerOptions, incremental: false, plugins: [] };
  const { options } = ts.convertCompilerOptionsFromJson(json, root);
  const host = ts.createCompilerHost(options);
  const getSourceFile = (path: string, target: unknown): unknown => {
    if (path !== mistakes) return host.getSourceFile(path, target);
    return ts.createSourceFile(path, (ts.sys.readFile(path) ?? '').replaceAll('@ts-expect-error', 'expected:'), target);
  };
  return ts.createProgram([app, mistakes], options, Object.assign(Object.create(host), { getSourceFile }));
}

/** Returns the displayed type of each declared name. Its key is the enclosing top-level name and the name itself. */
function findHovers(): ReadonlyMap<string, string> {
  const checker = program.getTypeChecker();
  const noTruncation = 1;
  const shown = new Map<string, string>();
  const visit = (node: Node, outer: string): void => {
    const name = node.name?.getText();
    const key = name ? `${outer} ${name}`.trim() : outer;
    if (node.name && !shown.has(key)) {
      shown.set(key, checker.typeToString(checker.getTypeAtLocation(node.name), undefined, noTruncation));
    }
    ts.forEachChild(node, (child) => visit(child, outer || (name ?? '')));
  };
  const file = program.getSourceFile(app);
  if (file) ts.forEachChild(file, (child) => visit(child, ''));
  return shown;
}

function findExpectations(): readonly { line: number; mistake: string; message: string }[] {
  const lines = (ts.sys.readFile(mistakes) ?? '').split('\n');
  return lines.flatMap((text, at) => {
    const message = expectation.exec(text)?.[1];
    return message === undefined ? [] : [{ line: at + 2, mistake: lines[at + 1] ?? '', message }];
  });
}

/** Returns the last line of each message, by the line number of the mistake. */
function findLastLines(): ReadonlyMap<number, string> {
  const diagnostics = program.getSemanticDiagnostics(program.getSourceFile(mistakes));
  return new Map(
    diagnostics.map(({ file, start = 0, messageText }) => {
      const line = file?.text.slice(0, start).split('\n').length ?? 0;
      const lines = ts.flattenDiagnosticMessageText(messageText, '\n').split('\n');
      return [line, lines.at(-1)?.trim() ?? ''];
    }),
  );
}
