import type { OwnCallContext } from '../core/session/announcement.ts';
import type { AuthenticatedView, SessionView } from '../core/session/view.ts';
import type { CompilerMessage } from './compiler-message.ts';

/** The session procedures of a vanilla tRPC client, as `client={trpc.session}` passes them. */
export interface TrpcSessionClient<View, Patch> {
  readonly get: { query(): Promise<SessionView<ParsedView<View>>> };
  readonly set: { mutate(patch: Patch, options?: CallOptions): Promise<AuthenticatedView<ParsedView<View>>> };
  readonly destroy?: { mutate(input?: undefined, options?: CallOptions): Promise<unknown> };
  readonly touch?: { mutate(input?: undefined, options?: CallOptions): Promise<unknown> };
}

/** The options of a tRPC call that a provider sets: they mark its own calls, which `sessionLink` does not announce. */
interface CallOptions {
  readonly context?: Record<string, unknown>;
}

const ownCallContext: OwnCallContext = { 'trpc-session': true };
const ownCall: CallOptions = { context: { ...ownCallContext } };

/** A view as a client without a transformer parses it: JSON leaves out a key whose value is undefined. */
type ParsedView<View> = [UndefinedKeys<View>] extends [never]
  ? View
  : Omit<View, UndefinedKeys<View>> & Partial<Pick<View, UndefinedKeys<View>>>;

type UndefinedKeys<View> = { [Key in keyof View]-?: undefined extends View[Key] ? Key : never }[keyof View];

/** Functions that read and change the session, such as server actions. */
export interface SessionActions<View, Patch> {
  /** Returns the view of the session. Reading it must not extend the idle timeout. */
  readonly get: () => Promise<SessionView<View>>;
  /** Changes the session, and returns the new view. */
  readonly set: (patch: Patch) => Promise<AuthenticatedView<View>>;
  /** Ends the session. Needed for `useSignOut`. */
  readonly destroy?: (() => Promise<unknown>) | undefined;
  /**
   * Records a use of the session, so that its idle timeout starts again: any call behind a guard, such as a server action
   * that awaits `requireSession()`. Needed for `touch` and `keepAlive`.
   */
  readonly touch?: (() => Promise<unknown>) | undefined;
}

/** Catches `client={trpc}`, the root client: it has a `session`, which this type refuses with a message. */
interface RootClient {
  readonly session: CompilerMessage<'Pass the session procedures: client={trpc.session}'>;
}

type FullClient<View, Patch> = TrpcSessionClient<View, Patch> | SessionActions<View, Patch>;

/**
 * What a provider reads and changes the session with. If the manager has no patch schema, `set` is not needed.
 *
 * @example <SessionProvider client={trpc.session}>{children}</SessionProvider>
 * @example
 * <SessionProvider client={{ get: getSessionAction, set: setThemeAction, destroy: signOutAction }}>{children}</SessionProvider>
 */
export type SessionClient<View, Patch> =
  | ([Patch] extends [never]
      ? Pick<TrpcSessionClient<View, never>, OptionalMembers> | Pick<SessionActions<View, never>, OptionalMembers>
      : FullClient<View, Patch>)
  | RootClient;

/** What the client of a manager without a patch schema may have. */
type OptionalMembers = 'get' | 'destroy' | 'touch';

/** The calls of a client, of either kind. Those that the client does not have reject. */
export interface ClientCalls<View, Patch> extends SessionActions<View, Patch> {
  readonly destroy: () => Promise<unknown>;
  readonly touch: () => Promise<unknown>;
}

/** Gives both kinds of client the same shape. */
export function toCalls<View, Patch>(given: SessionClient<View, Patch>): ClientCalls<View, Patch> {
  // `set` is absent only if the patch type is `never`, and then nothing can be passed to it. No value is a RootClient.
  const client = given as FullClient<View, Patch>;
  const callOptional = async (name: 'destroy' | 'touch'): Promise<unknown> => {
    const isTrpc = isTrpcClient(client);
    if (!client[name]) throw new Error(`The client has no \`${name}\`.`);
    return isTrpc ? client[name]?.mutate(undefined, ownCall) : client[name]?.();
  };
  // A missing key and one with the value undefined read the same.
  return {
    get: async () => (isTrpcClient(client) ? (client.get.query() as Promise<SessionView<View>>) : client.get()),
    set: async (patch) =>
      isTrpcClient(client)
        ? (client.set.mutate(patch, ownCall) as Promise<AuthenticatedView<View>>)
        : client.set(patch),
    destroy: () => callOptional('destroy'),
    touch: () => callOptional('touch'),
  };
}

/** A tRPC proxy has a function under every name and is itself callable; a plain function has no `query`. */
function isTrpcClient<View, Patch>(client: FullClient<View, Patch>): client is TrpcSessionClient<View, Patch> {
  return typeof (client.get as { query?: unknown }).query === 'function';
}
