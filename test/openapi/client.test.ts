import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generateApi } from 'swagger-typescript-api';
import { matches } from 'trpc-session';
import { signInAs } from 'trpc-session/testing';
import { bearer } from 'trpc-session/transports/header';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ada } from '../_support/sessions.ts';
import { createOpenApiApp } from './_support/app.ts';

const app = createOpenApiApp({ transport: bearer() });
const { t, requireSession, createSessionProcedures } = app;
const router = t.router({
  session: createSessionProcedures(t.procedure),
  hello: t.procedure.output(z.object({ text: z.string() })).query(() => ({ text: 'hello' })),
  notes: {
    write: t.procedure
      .use(requireSession(matches({ role: 'member' })))
      .input(z.object({ text: z.string() }))
      .output(z.object({ length: z.number() }))
      .mutation(({ input }) => ({ length: input.text.length })),
  },
});

/** What a developer writes who has only the document. */
const clientCode = `
import { Api } from './api.ts';
export async function run(customFetch: typeof fetch, token: string | null) {
  const sent: (string | null)[] = [];
  const api = new Api<string>({
    customFetch: (...request) => {
      sent.push(new Headers(request[1]?.headers).get('authorization'));
      return customFetch(...request);
    },
    securityWorker: (given) => (given === null ? {} : { headers: { authorization: 'Bearer ' + given } }),
  });
  api.setSecurityData(token);
  const greeting: string = (await api.hello.hello()).data.result.data.text;
  const length: number = (await api.notesWrite.notesWrite({ text: 'four' })).data.result.data.length;
  const view = (await api.sessionSet.sessionSet({ visits: 2 })).data.result.data;
  const status: 'authenticated' = view.status;
  // @ts-expect-error text is a string
  () => api.notesWrite.notesWrite({ text: 4 });
  // @ts-expect-error the input is required
  () => api.notesWrite.notesWrite();
  return { greeting, length, status, revision: view.revision, sent };
}
type Refused = Awaited<ReturnType<Api<unknown>['notesWrite']['notesWrite']>>['error'];
export async function readReason(customFetch: typeof fetch): Promise<string | undefined> {
  const refused: { error: Refused } = await new Api({ customFetch }).notesWrite.notesWrite({ text: '' }).then(
    () => { throw new Error('It was not refused.'); },
    (response) => response,
  );
  if (refused.error.error.data.code !== 'UNAUTHORIZED') return 'another';
  return refused.error.error.data.session?.reason;
}
`;

interface Used {
  run(customFetch: typeof fetch, token: string | null): Promise<unknown>;
  readReason(customFetch: typeof fetch): Promise<string | undefined>;
}

interface Compiler {
  createProgram(files: readonly string[], options: object): Program;
  getPreEmitDiagnostics(program: Program): readonly { messageText: unknown; file?: { fileName: string } }[];
  flattenDiagnosticMessageText(text: unknown, newLine: string): string;
}

interface Program {
  emit(): void;
}

let folder: string;
let errors: readonly string[];
let used: Used;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openapi-client-'));
  const { files } = await generateApi({ spec: app.describe(router) as never, output: false, silent: true });
  await writeFile(join(folder, 'api.ts'), files.map(({ fileContent }) => fileContent).join('\n'));
  await writeFile(join(folder, 'use.ts'), clientCode);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  errors = compile(join(folder, 'use.ts'));
  used = (await import(pathToFileURL(join(folder, 'use.js')).href)) as Used;
}, 120_000);

afterAll(() => rm(folder, { recursive: true }));

/** Compiles a client and its use to JavaScript. Returns the compiler's errors. */
function compile(file: string): readonly string[] {
  const consumer = createRequire(createRequire(import.meta.url).resolve('consumer-openapi/package.json'));
  const compiler = consumer('typescript') as Compiler;
  const options = {
    strict: true,
    target: 10,
    module: 99,
    moduleResolution: 100,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    types: [],
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  };
  const program = compiler.createProgram([file], options);
  program.emit();
  return compiler
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => compiler.flattenDiagnosticMessageText(messageText, ' '));
}

const serve: typeof fetch = (input, init) => app.serve(router, new Request(input, init));

describe('a client that is generated from the document', () => {
  test('compiles, together with code that uses its types', () => {
    expect(errors).toEqual([]);
  });

  test('calls the router, and sends the token only to procedures that need a session', async () => {
    const { headers } = await signInAs(app.sessions, ada);
    const credential = headers.get('authorization');
    expect(await used.run(serve, credential?.slice('Bearer '.length) ?? null)).toEqual({
      greeting: 'hello',
      length: 4,
      status: 'authenticated',
      revision: 2,
      sent: [null, credential, credential],
    });
  });

  test('receives the reason of a refusal, typed', async () => {
    expect(await used.readReason(serve)).toBe('missing');
  });
});
