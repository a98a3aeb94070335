import { createManager, type Sessions } from './core/manager.ts';
import type { ManagerOptions, SessionsOptions, SessionTypes } from './core/options.ts';
import type { StandardSchemaV1 } from './core/record/schema.ts';
import type { SessionSubject } from './core/record/token.ts';
import { cookie } from './transports/cookie.ts';

/** Writes a type out field by field, so that hovers and errors show the app's own fields and never the schema. */
type Inline<T> = T extends (...args: never[]) => unknown ? T : { -readonly [K in keyof T]: T[K] } & {};

type InlineTypes<Data, View, Input> =
  (<T>() => T extends Data ? 1 : 2) extends <T>() => T extends Input ? 1 : 2
    ? { data: Data; view: View }
    : { data: Data; view: View; input: Input };

/**
 * Creates the session manager of an app. Does no I/O and may run any number of times, as in a hot reload.
 *
 * @throws SessionError `INVALID_OPTION` naming the option, with the type and value that it got.
 * @example
 * export const sessions = createSessions({
 *   schema: z.object({ userId: z.string(), role: z.enum(['member', 'admin']) }),
 *   subject: (data) => data.userId,
 *   view: ({ role }) => ({ role }),
 *   store: process.env.REDIS_URL ? redisStore(process.env.REDIS_URL) : memoryStore(),
 *   secret: process.env.SESSION_SECRET,
 * });
 */
export function createSessions<
  const Schema extends StandardSchemaV1,
  const View,
  const Patch extends StandardSchemaV1 = never,
  Subject extends SessionSubject = never,
>(
  options: SessionsOptions<Schema, View, Patch, Subject>,
): Sessions<
  InlineTypes<Inline<StandardSchemaV1.InferOutput<Schema>>, Inline<View>, Inline<StandardSchemaV1.InferInput<Schema>>>,
  [Patch] extends [never] ? never : Inline<StandardSchemaV1.InferInput<Patch>>,
  Subject
> {
  const managerOptions = { ...options, transport: options.transport ?? cookie() };
  return createManager(managerOptions as unknown as ManagerOptions<SessionTypes>) as never;
}
