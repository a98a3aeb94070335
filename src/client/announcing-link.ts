import type { TRPCClientError, TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import type { OwnCallContext } from '../core/session/announcement.ts';
import { dispatchAnnouncement, readAnnouncement } from './announcements.ts';

const ownCallKey: keyof OwnCallContext = 'trpc-session';

/**
 * Adds to a link that it passes on what each response announces about the session. It sees the results too, because a
 * response that streams has sent its headers before a call in it is refused.
 */
export function announceResults<Router extends AnyTRPCRouter>(link: TRPCLink<Router>): TRPCLink<Router> {
  return (runtime) => {
    const send = link(runtime);
    return (options) => {
      // The provider handles the results of its own calls by itself.
      if (ownCallKey in options.op.context) return send(options);
      return observable((observer) =>
        send(options).subscribe({
          next(result) {
            announceResponse(result.context?.response, 'used');
            observer.next(result);
          },
          error(error) {
            announceResponse(error.meta?.response, isSignedOut(error) ? 'refused' : null);
            observer.error(error);
          },
          complete: () => observer.complete(),
        }),
      );
    };
  };
}

/** The responses whose header was passed on already: those of a batch arrive once for each call in it. */
const announcedResponses = new WeakSet<object>();

/** Passes on what the header of a response says, or else what the result of the call says. */
function announceResponse(response: unknown, otherwise: 'used' | 'refused' | null): void {
  const known = response instanceof Response ? response : undefined;
  const announced = readAnnouncement(known);
  if (!announced) {
    if (otherwise) dispatchAnnouncement(otherwise);
  } else if (known && !announcedResponses.has(known)) {
    announcedResponses.add(known);
    dispatchAnnouncement(announced);
  }
}

/** Without the error formatter of this package, the code alone is known. Then the provider reads the session once. */
function isSignedOut<Router extends AnyTRPCRouter>({ data }: TRPCClientError<Router>): boolean {
  const { code, session } = Object(data) as { code?: unknown; session?: { reason?: unknown } | null };
  if (session) return session.reason === 'missing' || session.reason === 'expired';
  return session === undefined && code === 'UNAUTHORIZED';
}
