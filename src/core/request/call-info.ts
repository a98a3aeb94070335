import type { CookieObstacle } from '../ports/sink.ts';

/** What a browser sends where it cannot set headers. */
export type ConnectionParams = Readonly<Record<string, string | undefined>>;

/** What tRPC tells about the calls that a context is made for. */
export interface CallInfo {
  readonly accept?: string | null;
  readonly type?: string;
  readonly calls?: readonly unknown[];
  /**
   * Where a browser cannot set headers, on an EventSource or a WebSocket, a bearer token comes as `authorization`
   * (`'Bearer …'`) or as `token`, and that of a header transport under the header's name.
   */
  readonly connectionParams?: ConnectionParams | null;
}

/** Whether the headers will have gone out before a procedure can set a cookie. */
export function getResponseObstacle(info: CallInfo | undefined): CookieObstacle | null {
  if (info?.accept === 'application/jsonl') return 'stream';
  if (info?.type === 'subscription') return 'subscription';
  // A WebSocket's context is made before it is known what will be called; over HTTP there is a call, if an unknown one.
  return info?.type === 'unknown' && info.calls?.length === 0 ? 'websocket' : null;
}
