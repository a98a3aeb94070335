import type { SessionTypes } from '../options.ts';
import type { Immutable, SessionSnapshot } from '../record/snapshot.ts';
import type { GuardedSession, Session } from './session.ts';

/** Written out, because spreading two objects takes longer than all other work of a guard. */
export function toGuardedSession<T extends SessionTypes>(
  session: Session<T>,
  snapshot: SessionSnapshot<Immutable<T['data']>>,
): GuardedSession<T> {
  return {
    get: session.get,
    view: session.view,
    watch: session.watch,
    hasToken: session.hasToken,
    require: session.require,
    start: session.start,
    update: session.update,
    regenerate: session.regenerate,
    destroy: session.destroy,
    list: session.list,
    revoke: session.revoke,
    revokeOthers: session.revokeOthers,
    data: snapshot.data,
    id: snapshot.id,
    revision: snapshot.revision,
    createdAt: snapshot.createdAt,
    authenticatedAt: snapshot.authenticatedAt,
    lastSeenAt: snapshot.lastSeenAt,
    expiresAt: snapshot.expiresAt,
    idleMs: snapshot.idleMs,
    idleExpiresAt: snapshot.idleExpiresAt,
    device: snapshot.device,
  };
}
