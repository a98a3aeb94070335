import { isSessionError, type SessionError, type SessionErrorCode } from '../core/errors.ts';
import { markPrivate } from '../core/ports/sink.ts';

/** The translation at this edge, whole: every code of ours as an HTTP status. */
const statuses: Readonly<Record<SessionErrorCode, number>> = {
  MISSING: 401,
  EXPIRED: 401,
  STALE: 401,
  REFUSED: 403,
  CROSS_SITE: 403,
  UNAVAILABLE: 503,
  INVALID_OPTION: 500,
  NOT_CONFIGURED: 500,
  INVALID_DATA: 400,
  TOO_LARGE: 413,
  SUBJECT_CHANGED: 400,
  CONFLICT: 409,
  LIMIT_REACHED: 429,
  COOKIE_UNWRITABLE: 400,
  INSECURE_COOKIE: 400,
};

/**
 * For route handlers: marks a response as one visitor's own (`Cache-Control: private, no-store`, `Vary: Cookie`).
 * Given a function, answers a `SessionError` that it throws with 401, 403, 503 and so on and a JSON body
 * `{ error: { message, reason, detail? } }`; other errors pass.
 */
export async function privateResponse(response: Response | (() => Response | Promise<Response>)): Promise<Response> {
  const answer = typeof response === 'function' ? await respondOrRefuse(response) : response;
  const headers = new Headers(answer.headers);
  markPrivate(headers);
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}

async function respondOrRefuse(respond: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await respond();
  } catch (error) {
    if (!isSessionError(error)) throw error;
    return toErrorResponse(error);
  }
}

function toErrorResponse(error: SessionError): Response {
  const { publicMessage: message, reason = null, detail } = error;
  const body = { error: { message, reason, ...(detail !== undefined && { detail }) } };
  return Response.json(body, { status: statuses[error.code] });
}
