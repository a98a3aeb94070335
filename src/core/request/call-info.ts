import type { CookieObstacle } from '../ports/sink.ts';

/** What a browser sends where it cannot set headers. */
export type ConnectionParams = Readonly<Record<string, string | undefined>>;

/** What tRPC says about the calls that a context is created for. */
export interface CallInfo {
  readonly accept?: string | null;
  readonly type?: string;
  readonly calls?: readonly unknown[];
  /**
   * On an EventSource or a WebSocket, where a browser cannot set headers: the bearer token as `authorization`
   * (`'Bearer …'`) or as `token`, and the token of a header transport under the name of its header.
   */
  readonly connectionParams?: ConnectionParams | null;
}

/** Returns why a procedure cannot set a cookie: its response headers will have been sent before. Null if it can. */
export function getResponseObstacle(info: CallInfo | undefined): CookieObstacle | null {
  if (info?.accept === 'application/jsonl') return 'stream';
  if (info?.type === 'subscription') return 'subscription';
  // The context of a WebSocket is created before any call is known. Over HTTP there is always at least one call.
  return info?.type === 'unknown' && info.calls?.length === 0 ? 'websocket' : null;
}
