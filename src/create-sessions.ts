import { createManager, type Sessions } from './core/manager.ts';
import type { JsonValue, SessionsOptions } from './core/options.ts';
import type { StandardSchemaV1 } from './core/record/schema.ts';
import { cookie } from './transports/cookie.ts';

/** The types that `createSessions` works out from its options. */
export interface SessionTypesOf<Schema extends StandardSchemaV1, View, Patch extends StandardSchemaV1> {
  readonly input: StandardSchemaV1.InferInput<Schema>;
  readonly data: StandardSchemaV1.InferOutput<Schema>;
  readonly view: View;
  readonly patch: [Patch] extends [never] ? never : StandardSchemaV1.InferInput<Patch>;
}

/**
 * Makes the manager of an app's sessions. The one place where the core meets its default transport. Does no I/O,
 * and may be evaluated any number of times.
 *
 * @throws SessionError `INVALID_OPTION` naming the option, and the type and value that it got.
 */
export function createSessions<
  const Schema extends StandardSchemaV1,
  const View extends JsonValue,
  const Patch extends StandardSchemaV1<unknown, Partial<StandardSchemaV1.InferInput<Schema>>> = never,
>(options: SessionsOptions<Schema, View, Patch>): Sessions<SessionTypesOf<Schema, View, Patch>> {
  return createManager({ ...options, transport: options.transport ?? cookie() } as never);
}
