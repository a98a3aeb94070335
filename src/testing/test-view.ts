import { deepFreeze } from '../core/record/snapshot.ts';
import type { AuthenticatedView, SessionView, UnauthenticatedView } from '../core/session/view.ts';

/** What a test may set in a view apart from its data. */
export type ViewOverrides<View> = Partial<Omit<AuthenticatedView<View>, 'status' | 'data'>>;

const hourMs = 3_600_000;

/**
 * Creates the view of a signed-in user, to render components in a test without a server. It was read just now, expires
 * after 6 hours without use, and after 7 days at the latest.
 *
 * @param data What the app's `view` function returns.
 * @param overrides Other values for the id, the revision and the times.
 * @default overrides `{}`
 * @example
 * render(<SessionProvider session={createTestView({ name: 'Ada' })}><Header /></SessionProvider>);
 */
export function createTestView<View>(data: View, overrides: ViewOverrides<View> = {}): AuthenticatedView<View> {
  const at = overrides.at ?? Date.now();
  const clocks = { at, idleExpiresAt: at + 6 * hourMs, expiresAt: at + 7 * 24 * hourMs };
  return deepFreeze({ status: 'authenticated', data, id: 'test-session-0001', revision: 1, ...clocks, ...overrides });
}

/**
 * Creates the view of a signed-out user.
 *
 * @param at When it was read, in milliseconds since the epoch.
 * @default at `Date.now()`
 * @example
 * render(<SessionProvider session={createSignedOutView()}><Header /></SessionProvider>);
 */
export function createSignedOutView(at: number = Date.now()): UnauthenticatedView {
  return { status: 'unauthenticated', at };
}

/** The props that `createTestSession` returns. */
export interface TestSession<View> {
  readonly session: AuthenticatedView<View> | UnauthenticatedView;
  readonly client: {
    readonly get: () => Promise<SessionView<View>>;
    readonly set: (patch: object) => Promise<AuthenticatedView<View>>;
    readonly destroy: () => Promise<void>;
    readonly touch: () => Promise<void>;
  };
}

/**
 * Creates the props of a `<SessionProvider>` with a session in memory, for stories and component tests without a server.
 * Changes, `touch` and sign-out work as with a server; no schema checks a patch.
 *
 * @param data What the app's `view` function returns; null for a signed-out user.
 * @param overrides Other values for the id, the revision and the times.
 * @default overrides `{}`
 * @example
 * const ada = createTestSession({ name: 'Ada', role: 'admin', theme: 'dark' });
 * render(<SessionProvider {...ada}><Header /></SessionProvider>);
 */
export function createTestSession<View = never>(data: null): TestSession<View>;
export function createTestSession<const View>(data: View, overrides?: ViewOverrides<View>): TestSession<View>;
export function createTestSession<View>(data: View | null, overrides: ViewOverrides<View> = {}): TestSession<View> {
  const session = data === null ? createSignedOutView() : createTestView(data, overrides);
  let current: AuthenticatedView<View> | UnauthenticatedView = session;
  const requireSignedIn = (): AuthenticatedView<View> => {
    if (current.status === 'authenticated') return current;
    throw Object.assign(new Error('The test session is signed out.'), {
      data: { code: 'UNAUTHORIZED', httpStatus: 401 },
    });
  };
  return {
    session,
    client: {
      get: async () => ({ ...current, at: Math.max(Date.now(), session.at) }),
      set: async (patch) => {
        const { data, revision, ...rest } = requireSignedIn();
        const next = { ...rest, data: { ...data, ...patch }, revision: revision + 1 };
        current = deepFreeze(next);
        return next;
      },
      destroy: async () => {
        current = createSignedOutView();
      },
      touch: async () => {
        const { idleExpiresAt, at, ...rest } = requireSignedIn();
        const now = Date.now();
        current = { ...rest, at: now, idleExpiresAt: Math.min(now + idleExpiresAt - at, rest.expiresAt) };
      },
    },
  };
}
