import type { TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';

/**
 * Adds the shape of each error to the error, as `error`. `data` is then the same for both builds of tRPC's client.
 *
 * An app that loads `@trpc/client` with `require()` has its CommonJS build, while the links of this package come from the
 * other one. Each build wraps an error of the other in a new one without `data`, unless the error has the form of a response.
 */
export function exposeErrorShape<Router extends AnyTRPCRouter>(link: TRPCLink<Router>): TRPCLink<Router> {
  return (runtime) => {
    const send = link(runtime);
    return (options) =>
      observable((observer) =>
        send(options).subscribe({
          next: (result) => observer.next(result),
          error(error) {
            if (error.shape) Object.defineProperty(error, 'error', { value: error.shape, configurable: true });
            observer.error(error);
          },
          complete: () => observer.complete(),
        }),
      );
  };
}
