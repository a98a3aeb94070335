import { deepFreeze } from '../core/record/snapshot.ts';
import type { AuthenticatedView, UnauthenticatedView } from '../core/session/view.ts';

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
