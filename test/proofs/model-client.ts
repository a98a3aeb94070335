import { setImmediate as macrotask } from 'node:timers/promises';
import { createHeadersSink, createSessions, isSessionError } from 'trpc-session';
import { cookie } from 'trpc-session/transports/cookie';
import { header } from 'trpc-session/transports/header';
import { type Expected, times } from './model.ts';
import { type Place, schema } from './world.ts';

/** How browsers hold what they hold. */
export type Carriage = 'header' | 'cookie';

interface ClientChoices {
  readonly limit: { readonly max: number; readonly whenFull: 'evict' | 'refuse' };
  readonly carriage: Carriage;
}

export type Client = ReturnType<typeof clientOf>;

/** The library as its users see it, and requests with whatever credential one likes. */
export function clientOf(place: Place, { limit, carriage }: ClientChoices) {
  const manager = createSessions({
    schema,
    subject: (data) => data.user,
    view: ({ theme }) => ({ theme }),
    transport: carriage === 'cookie' ? cookie() : header('x-session'),
    store: place.store,
    secret: 'a secret for nothing but these proofs',
    limit,
    idle: times.idleMs,
    absolute: times.absoluteMs,
    touchEvery: times.touchEveryMs,
    ...(place.ownClock && { now: place.now }),
  });
  return {
    manager,
    place,
    /** Sends a request; `token` is what it was answered with where no cookie carries it. */
    request(credential: string | null) {
      const answer = new Headers();
      const carried = credential === null ? {} : { [carriage === 'cookie' ? 'cookie' : 'x-session']: credential };
      const headers = { 'sec-fetch-site': 'same-origin', ...carried };
      const handle = manager.open({ method: 'POST', headers }, createHeadersSink(answer));
      const handed = (token: string | null): string => token ?? answer.getSetCookie()[0]?.split(';')[0] ?? 'nothing';
      return { handle, handed };
    },
    /** Lets the clock move on, so that no two sessions begin, and none is seen, in the same millisecond. */
    async tick(): Promise<void> {
      if (place.ownClock) return place.advance(1);
      const before = Date.now();
      while (Date.now() === before) await macrotask();
    },
  };
}

/** What a promise came to: its answer, or the code it was refused with. */
export async function told(promise: Promise<unknown>): Promise<Expected> {
  try {
    return { answer: await promise };
  } catch (error) {
    if (!isSessionError(error)) throw error;
    return { refused: error.code };
  }
}
