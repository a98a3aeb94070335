import type { HTTPHeaders, Operation } from '@trpc/client';
import { activityHeader, passiveActivity } from '../core/ports/activity-header.ts';

const passiveKey = 'trpc-session-passive';

/**
 * The context of a call that is no use of the session, such as one of many polls: a session that is only polled ends after
 * its idle timeout. If a batch also has calls without it, the batch counts as use. It works with `sessionLink`, but not in
 * its `queryLink`: such a link can send the header `Session-Activity: passive`.
 *
 * @example await trpc.notifications.query(undefined, { context: passiveCall });
 * @example useQuery(trpc.notifications.queryOptions(undefined, { refetchInterval: 5_000, trpc: { context: passiveCall } }));
 */
export const passiveCall: Readonly<Record<string, unknown>> = { [passiveKey]: true };

type BatchHeaders =
  | HTTPHeaders
  | ((options: { readonly opList: [Operation, ...Operation[]] }) => HTTPHeaders | Promise<HTTPHeaders>);

/** Adds the header that says so to the headers of a request in which every call is passive. */
export function addActivityHeader(headers: BatchHeaders = {}): Exclude<BatchHeaders, HTTPHeaders> {
  return async (options) => {
    const own = typeof headers === 'function' ? await headers(options) : headers;
    if (!options.opList.every(({ context }) => passiveKey in context)) return own;
    const entries = Symbol.iterator in own ? Object.fromEntries(own as Iterable<[string, string]>) : own;
    return { ...entries, [activityHeader]: passiveActivity };
  };
}
