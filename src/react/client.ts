import type { AuthenticatedView, SessionView } from '../core/session/view.ts';

/** A vanilla tRPC client's sub-proxy of the session procedures. */
export interface TrpcSessionClient<View, Patch> {
  readonly get: { query(): Promise<SessionView<View>> };
  readonly set: { mutate(patch: Patch): Promise<AuthenticatedView<View>> };
}

/** Two functions, such as server actions. */
export interface SessionActions<View, Patch> {
  /** Answers who is there, passively: looking keeps no session alive. */
  readonly get: () => Promise<SessionView<View>>;
  /** Changes the session, and answers the new view. */
  readonly set: (patch: Patch) => Promise<AuthenticatedView<View>>;
}

type AnyClient<View, Patch> = TrpcSessionClient<View, Patch> | SessionActions<View, Patch>;

/** How the browser asks and changes. Where the browser may change nothing, `get` is enough. */
export type SessionClient<View, Patch> = [Patch] extends [never]
  ? Pick<TrpcSessionClient<View, never>, 'get'> | Pick<SessionActions<View, never>, 'get'>
  : AnyClient<View, Patch>;

/** Makes one shape of both kinds of client. */
export function toActions<View, Patch>(given: SessionClient<View, Patch>): SessionActions<View, Patch> {
  // Only a client whose patch is `never` may lack `set`, and nobody can call that.
  const client = given as AnyClient<View, Patch>;
  return {
    get: async () => (isTrpcClient(client) ? client.get.query() : client.get()),
    set: async (patch) => (isTrpcClient(client) ? client.set.mutate(patch) : client.set(patch)),
  };
}

/** A tRPC proxy answers every property with a function and may itself be called; a plain function has no `query`. */
function isTrpcClient<View, Patch>(client: AnyClient<View, Patch>): client is TrpcSessionClient<View, Patch> {
  return typeof (client.get as { query?: unknown }).query === 'function';
}

/** Whether an error says that nobody is signed in. Every other one says nothing about that. */
export function isSignedOutError(error: unknown): boolean {
  if (!isErrorRecord(error)) return false;
  if (error.code === 'MISSING' || error.code === 'EXPIRED') return true;
  return isErrorRecord(error.data) && (error.data.code === 'UNAUTHORIZED' || error.data.httpStatus === 401);
}

function isErrorRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
