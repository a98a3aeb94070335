/**
 * Mistakes that beginners make. The comment above each contains a part of the last line of the compiler's message.
 * `compiler.test.ts` compiles this file and compares.
 */
import { anyOf, createSessions, matches } from 'trpc-session';
import { createTrpcSession } from 'trpc-session/trpc';
import { z } from 'zod';
import { account, sessions } from './account-app.ts';

const { requireSession } = createTrpcSession(sessions);
const session = sessions.open({ headers: {} });
const options = { schema: account, store: undefined, secret: undefined } as const;
const view = () => null;

// @ts-expect-error No session can pass this verifier: it does not fit the type of the session data.
requireSession(matches({ role: 'amdin' }));
// @ts-expect-error No session can pass this verifier: it does not fit the type of the session data.
requireSession(matches({ name: 5 }));
// @ts-expect-error No session can pass this verifier: it does not fit the type of the session data.
requireSession(anyOf(matches({ role: 'admin' }), matches({ role: 'amdin' })));
// @ts-expect-error No session can pass this verifier: it does not fit the type of the session data.
await session.require(matches(z.object({ role: z.literal('owner') })));
// @ts-expect-error No session can pass all verifiers of this guard: they contradict each other.
await session.require(matches({ role: 'admin' }), matches({ role: 'member' }));
// @ts-expect-error Argument of type 'number' is not assignable to parameter of type 'string'.
sessions.of(42);
// @ts-expect-error Type '"6 hours"' is not assignable to type 'number | `${number}ms` | `${number}s` | `${number}m` |
createSessions({ ...options, view, idle: '6 hours' });
// @ts-expect-error The view must be JSON: convert other values, for example a Date with getTime() or toISOString().
createSessions({ ...options, view: () => ({ since: new Date() }) });
// @ts-expect-error The patch schema has a field that the session schema does not have.
createSessions({ ...options, view, patch: z.object({ isAdmin: z.boolean() }) });
// @ts-expect-error The patch schema has a field whose type the session schema does not accept.
createSessions({ ...options, view, patch: z.object({ name: z.number() }) });
