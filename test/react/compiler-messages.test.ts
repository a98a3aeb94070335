// Slow: it runs the compilers of TypeScript.
import { beforeAll, describe, expect, test } from 'vitest';
import { type CompilerVersion, compileLines, getLastLine } from './_support/compile.ts';

/** A whole app. It is compiled only by the faster compiler. */
const app = `
import { createTRPCClient } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { createSessions } from 'trpc-session';
import { createReactSession } from 'trpc-session/react';
import { createTrpcSession } from 'trpc-session/trpc';
import { z } from 'zod';

const schema = z.object({
  userId: z.string(),
  name: z.string(),
  role: z.enum(['member', 'admin']),
  theme: z.enum(['light', 'dark']),
});
const options = { schema, store: undefined, secret: undefined };
const sessions = createSessions({
  ...options,
  view: ({ name, role, theme }) => ({ name, role, theme }),
  patch: z.object({ theme: z.enum(['light', 'dark']) }),
});
const unchangeable = createSessions({ ...options, view: ({ name }) => ({ name }) });
const { createContext, createSessionProcedures } = createTrpcSession(sessions);
const t = initTRPC.context<typeof createContext>().create();
const router = t.router({ session: createSessionProcedures(t.procedure), hello: t.procedure.query(() => 'hello') });
const trpc = createTRPCClient<typeof router>({ links: [] });
const { SessionProvider, useSession, useSuspenseSession, useSetSession } = createReactSession<typeof sessions>();
const { setSession } = useSetSession();
const { setSession: setUnchangeable } = createReactSession<typeof unchangeable>().useSetSession();
`;

/** The types of the same app, for a compiler that would take seconds for the app itself. */
const typesOfApp = `
import type { ReactSession, TrpcSessionClient } from 'trpc-session/react';

interface View { name: string; role: 'member' | 'admin'; theme: 'light' | 'dark' }
interface Patch { theme: 'light' | 'dark' }
declare const trpc: { session: TrpcSessionClient<View, Patch>; hello: { query(): Promise<string> } };
declare const { SessionProvider, useSetSession }: ReactSession<View, Patch>;
declare const unchangeable: ReactSession<{ name: string }, never>;
const { setSession } = useSetSession();
const { setSession: setUnchangeable } = unchangeable.useSetSession();
`;

const correct = [
  '<SessionProvider client={trpc.session} />;',
  "void setSession({ theme: 'dark' });",
  "void setSession(({ theme }) => ({ theme: theme === 'dark' ? 'light' : 'dark' }));",
] as const;

const passSession = /"Pass the session procedures: client=\{trpc\.session\}"'\.$/;
const addField = /"Add the field to the patch schema of createSessions: it decides what the browser may change\."'\.$/;
const addPatch = /"Pass a patch schema to createSessions: it decides what the browser may change\."'\.$/;

const mistakes = [
  ['<SessionProvider client={trpc} />;', passSession],
  ["void setSession({ role: 'admin' });", addField],
  ["void setSession({ theme: 'dark', role: 'admin' });", addField],
  ["void setUnchangeable({ name: 'Bob' });", addPatch],
  ["void setUnchangeable(() => ({ name: 'Bob' }));", addPatch],
  // What is allowed is named where the field is right and its value is not.
  [
    "void setSession({ theme: 'red' });",
    /^Type '"red"' is not assignable to type '"(light|dark)" \| "(light|dark)"'\.$/,
  ],
] as const;

describe.each<[CompilerVersion, string]>([
  ['5.9', typesOfApp],
  ['7.0', app],
])('the messages of TypeScript %s', (compiler, prelude) => {
  let messages: readonly string[];

  beforeAll(async () => {
    messages = await compileLines(compiler, prelude, [...correct, ...mistakes.map(([line]) => line)]);
  });

  test.each(correct.map((line, index) => ({ line, index })))('$line compiles', ({ index }) => {
    expect(messages[index]).toBe('');
  });

  test.each(mistakes.map(([line, lastLine], index) => ({ line, lastLine, index })))(
    '$line ends in what to do',
    ({ lastLine, index }) => {
      expect(getLastLine(messages[correct.length + index] ?? '')).toMatch(lastLine);
    },
  );
});

const view = '{ name: string; role: "admin" | "member"; theme: "dark" | "light"; }';
const patch = '{ theme: "dark" | "light"; }';

const hovers = [
  ['useSession', `UseSession<${view}>`],
  ['useSuspenseSession', `() => SettledSession<${view}>`],
  ['useSetSession', `() => SetSession<${view}, ${patch}>`],
  ['setSession', `(change: PatchInput<${view}, ${patch}>) => Promise<${view}>`],
  ['useSession()', `SessionState<${view}>`],
] as const;

describe('the types that an editor shows', () => {
  let messages: readonly string[];

  beforeAll(async () => {
    // Nothing satisfies `never`, so the compiler prints the type in its message.
    const lines = hovers.map(([expression]) => `${expression} satisfies never;`);
    messages = await compileLines('7.0', app, lines);
  });

  test.each(hovers.map(([expression, shown], index) => ({ expression, shown, index })))(
    '$expression has the fields of the app, in fewer than 250 characters',
    ({ shown, index }) => {
      const [firstLine] = messages[index]?.split('\n') ?? [];
      expect(firstLine).toBe(`Type '${shown}' does not satisfy the expected type 'never'.`);
      expect(shown.length).toBeLessThan(250);
    },
  );
});
