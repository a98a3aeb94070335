import { createManager, type Sessions } from './core/manager.ts';
import type { JsonValue, ManagerOptions, SessionsOptions, SessionTypes } from './core/options.ts';
import type { StandardSchemaV1 } from './core/record/schema.ts';
import type { SessionSubject } from './core/record/token.ts';
import { cookie } from './transports/cookie.ts';

/** Writes a type out, field by field, so that hovers and errors show the app's own fields and not the schema's type. */
type Inline<T> = T extends (...args: never[]) => unknown ? T : { [K in keyof T]: T[K] } & {};

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
  const View extends JsonValue,
  const Patch extends StandardSchemaV1<unknown, Partial<StandardSchemaV1.InferInput<Schema>>> = never,
  Subject extends SessionSubject = never,
>(
  options: SessionsOptions<Schema, View, Patch, Subject>,
): Sessions<{
  data: Inline<StandardSchemaV1.InferOutput<Schema>>;
  input: Inline<StandardSchemaV1.InferInput<Schema>>;
  view: View;
  patch: [Patch] extends [never] ? never : Inline<StandardSchemaV1.InferInput<Patch>>;
  subject: Subject;
}> {
  const managerOptions = { ...options, transport: options.transport ?? cookie() };
  return createManager(managerOptions as unknown as ManagerOptions<SessionTypes>) as never;
}
