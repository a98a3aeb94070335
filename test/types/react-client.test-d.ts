import { createTRPCClient } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { createSessions } from 'trpc-session';
import { sessionLink } from 'trpc-session/client';
import { createReactSession, type SessionClient } from 'trpc-session/react';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTrpcSession } from 'trpc-session/trpc';
import { z } from 'zod';

const sessions = createSessions({
  schema: z.object({ name: z.string(), nickname: z.string().optional() }),
  view: ({ name, nickname }) => ({ name, nickname }),
  patch: z.object({ nickname: z.string() }),
  store: memoryStore(),
  secret: undefined,
});
const { createContext, createSessionProcedures } = createTrpcSession(sessions);
const t = initTRPC.context<typeof createContext>().create();
const router = t.router({ session: createSessionProcedures(t.procedure) });
const trpc = createTRPCClient<typeof router>({ links: [sessionLink({ url: '/api/trpc' })] });

type View = { name: string; nickname: string | undefined };

// JSON leaves out a key whose value is undefined, so tRPC's type of it is optional.
export const client: SessionClient<View, { nickname: string }> = trpc.session;

// @ts-expect-error A client of another view.
export const other: SessionClient<{ name: string; age: number }, { nickname: string }> = trpc.session;

const { useSession } = createReactSession<typeof sessions>();

export function useNickname(): string | undefined {
  const { data } = useSession();
  return data?.nickname;
}
