import type { AuthenticatedView, SessionView } from '../core/session/view.ts';
import type { CompilerMessage } from './compiler-message.ts';

/** The session procedures of a vanilla tRPC client, as `client={trpc.session}` passes them. */
export interface TrpcSessionClient<View, Patch> {
  readonly get: { query(): Promise<SessionView<View>> };
  readonly set: { mutate(patch: Patch): Promise<AuthenticatedView<View>> };
}

/** Two functions that read and change the session, such as server actions. */
export interface SessionActions<View, Patch> {
  /** Returns the view of the session. Reading it must not extend the idle timeout. */
  readonly get: () => Promise<SessionView<View>>;
  /** Changes the session, and returns the new view. */
  readonly set: (patch: Patch) => Promise<AuthenticatedView<View>>;
}

/** Catches `client={trpc}`, the root client: it has a `session`, which this type refuses with a message. */
interface RootClient {
  readonly session: CompilerMessage<'Pass the session procedures: client={trpc.session}'>;
}

type FullClient<View, Patch> = TrpcSessionClient<View, Patch> | SessionActions<View, Patch>;

/**
 * What a provider reads and changes the session with. If the manager has no patch schema, `get` is enough.
 *
 * @example <SessionProvider client={trpc.session}>{children}</SessionProvider>
 * @example <SessionProvider client={{ get: getSessionAction, set: setThemeAction }}>{children}</SessionProvider>
 */
export type SessionClient<View, Patch> =
  | ([Patch] extends [never]
      ? Pick<TrpcSessionClient<View, never>, 'get'> | Pick<SessionActions<View, never>, 'get'>
      : FullClient<View, Patch>)
  | RootClient;

/** Gives both kinds of client the same shape. */
export function toActions<View, Patch>(given: SessionClient<View, Patch>): SessionActions<View, Patch> {
  // `set` is absent only if the patch type is `never`, and then nothing can be passed to it. No value is a RootClient.
  const client = given as FullClient<View, Patch>;
  return {
    get: async () => (isTrpcClient(client) ? client.get.query() : client.get()),
    set: async (patch) => (isTrpcClient(client) ? client.set.mutate(patch) : client.set(patch)),
  };
}

/** A tRPC proxy has a function under every name and is itself callable; a plain function has no `query`. */
function isTrpcClient<View, Patch>(client: FullClient<View, Patch>): client is TrpcSessionClient<View, Patch> {
  return typeof (client.get as { query?: unknown }).query === 'function';
}

/** Whether an error means that the user is signed out. All other errors leave that open. */
export function isSignedOutError(error: unknown): boolean {
  if (!isErrorRecord(error)) return false;
  if (error.code === 'MISSING' || error.code === 'EXPIRED') return true;
  return isErrorRecord(error.data) && (error.data.code === 'UNAUTHORIZED' || error.data.httpStatus === 401);
}

function isErrorRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
