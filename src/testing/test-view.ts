import { deepFreeze } from '../core/record/snapshot.ts';
import type { AuthenticatedView, UnauthenticatedView } from '../core/session/view.ts';

export type ViewOverrides<View> = Partial<Omit<AuthenticatedView<View>, 'status' | 'data'>>;

const hourMs = 3_600_000;

/**
 * What `<SessionProvider session={...}>` is fed with, so that a test can render components as somebody without a server.
 * Seen now, and good for 6 hours.
 */
export function createTestView<View>(data: View, overrides: ViewOverrides<View> = {}): AuthenticatedView<View> {
  const at = overrides.at ?? Date.now();
  const clocks = { at, idleExpiresAt: at + 6 * hourMs, expiresAt: at + 7 * 24 * hourMs };
  return deepFreeze({ status: 'authenticated', data, id: 'test-session-0001', revision: 1, ...clocks, ...overrides });
}

/** The same for nobody. */
export function createSignedOutView(at: number = Date.now()): UnauthenticatedView {
  return { status: 'unauthenticated', at };
}
