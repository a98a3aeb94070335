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
import { openApiApp } from './_support/app.ts';

const app = openApiApp({ transport: bearer() });
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

/** What somebody writes who has the document and nothing else. */
const use = `
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
  // @ts-expect-error a number is no text
  () => api.notesWrite.notesWrite({ text: 4 });
  // @ts-expect-error it takes an input
  () => api.notesWrite.notesWrite();
  return { greeting, length, status, revision: view.revision, sent };
}
type Refused = Awaited<ReturnType<Api<unknown>['notesWrite']['notesWrite']>>['error'];
export async function reasonOf(customFetch: typeof fetch): Promise<string | undefined> {
  const refused: { error: Refused } = await new Api({ customFetch }).notesWrite.notesWrite({ text: '' }).then(
    () => { throw new Error('Let in.'); },
    (response) => response,
  );
  if (refused.error.error.data.code !== 'UNAUTHORIZED') return 'another';
  return refused.error.error.data.session?.reason;
}
`;

interface Used {
  run(customFetch: typeof fetch, token: string | null): Promise<unknown>;
  reasonOf(customFetch: typeof fetch): Promise<string | undefined>;
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
let complaints: readonly string[];
let used: Used;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openapi-client-'));
  const { files } = await generateApi({ spec: app.describe(router) as never, output: false, silent: true });
  await writeFile(join(folder, 'api.ts'), files.map(({ fileContent }) => fileContent).join('\n'));
  await writeFile(join(folder, 'use.ts'), use);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  complaints = compiled(join(folder, 'use.ts'));
  used = (await import(pathToFileURL(join(folder, 'use.js')).href)) as Used;
}, 120_000);

afterAll(() => rm(folder, { recursive: true }));

/** What a compiler has to say of a client and its use, both of which it turns into JavaScript. */
function compiled(file: string): readonly string[] {
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
  test('compiles, and is used as typed', () => {
    expect(complaints).toEqual([]);
  });

  test('calls what the router serves, and sends the token to what needs a session alone', async () => {
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

  test('learns why it is refused', async () => {
    expect(await used.reasonOf(serve)).toBe('missing');
  });
});
