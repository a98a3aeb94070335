import { isSessionError, type SessionError } from '../core/errors.ts';
import { announcementHeader } from '../core/ports/announcement-header.ts';
import { markPrivate } from '../core/ports/sink.ts';
import { findAnnouncedOutcome } from './request.ts';

/**
 * Keeps a response out of shared caches (`Cache-Control: private, no-store` and `Vary: Cookie`), and announces in a header
 * what happened to the session. If a function is passed and throws a `SessionError`, responds with its status (401, 403,
 * 503 and so on) and the JSON body `{ error: { message, reason, detail? } }`. Other errors are rethrown.
 */
export async function privateResponse(response: Response | (() => Response | Promise<Response>)): Promise<Response> {
  const original = typeof response === 'function' ? await respondOrRefuse(response) : response;
  const headers = new Headers(original.headers);
  markPrivate(headers);
  const outcome = await findAnnouncedOutcome();
  if (outcome) headers.set(announcementHeader, outcome);
  // A copy, because the headers of a redirect cannot be changed.
  return new Response(original.body, { status: original.status, statusText: original.statusText, headers });
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
  const { status, publicMessage: message, reason = null, detail } = error;
  const body = { error: { message, reason, ...(detail !== undefined && { detail }) } };
  return Response.json(body, { status });
}
