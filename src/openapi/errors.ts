import { type AnyTRPCRouter, TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { SessionError } from '../core/errors.ts';
import type { Refusal } from './guarding.ts';
import type { JsonSchema } from './json-schema.ts';
import { recordOf } from './procedures.ts';
import { objectSchema } from './schema-parts.ts';

/** How much of an error's shape a router keeps: tRPC's own parts, what `sessionErrors` adds, or nothing that is known. */
export type ErrorForm = 'session' | 'plain' | 'custom';

/** Finds out by having the router's own formatter format an error of ours. */
export function errorFormOf({ _def }: AnyTRPCRouter): ErrorForm {
  const cause = new SessionError('MISSING');
  const error = new TRPCError({ code: 'UNAUTHORIZED', message: cause.publicMessage, cause });
  const data = { code: error.code, httpStatus: 401, path: 'session.get' };
  const shape = { message: error.message, code: TRPC_ERROR_CODES_BY_KEY[error.code], data };
  try {
    const asked = { error, shape, type: 'query', path: data.path, input: undefined, ctx: undefined } as const;
    return formOf(recordOf(_def._config.errorFormatter(asked)), shape);
  } catch {
    return 'custom';
  }
}

function formOf({ message, code, data }: Readonly<Record<string, unknown>>, usual: { code: number }): ErrorForm {
  const kept = recordOf(data);
  if (typeof message !== 'string' || code !== usual.code) return 'custom';
  if (kept.code !== 'UNAUTHORIZED' || kept.httpStatus !== 401) return 'custom';
  return recordOf(kept.session).reason === 'missing' ? 'session' : 'plain';
}

/** The shape of a refusal; without one, of any error. */
export function errorSchema(form: ErrorForm, refusal?: Refusal): JsonSchema {
  if (form === 'custom') return { description: 'As the error formatter of the app writes it.' };
  const code = refusal ? { const: TRPC_ERROR_CODES_BY_KEY[refusal.code] } : { type: 'integer' };
  return objectSchema({ message: { type: 'string' }, code, data: dataSchema(form, refusal) });
}

/** The body of a refusal by `trpc-to-openapi`, which puts the code's name in the place of its number. */
export function restErrorSchema(form: ErrorForm, refusal: Refusal): JsonSchema {
  const body = { message: { type: 'string' }, code: { const: refusal.code } };
  return objectSchema(form === 'custom' ? body : { ...body, data: dataSchema(form, refusal) });
}

function dataSchema(form: ErrorForm, refusal?: Refusal): JsonSchema {
  const always = {
    code: refusal ? { const: refusal.code } : { type: 'string' },
    httpStatus: refusal ? { const: refusal.status } : { type: 'integer' },
    ...(form === 'session' && { session: sessionSchema(refusal) }),
  };
  return objectSchema({ ...always, path: { type: 'string' } }, Object.keys(always));
}

/** Null where the procedure itself threw, and not its guard. */
function sessionSchema(refusal?: Refusal): JsonSchema {
  const reason = refusal ? { enum: refusal.reasons } : { type: 'string' };
  const detail = { type: 'string', description: 'What the verifier had to say.' };
  return { anyOf: [objectSchema({ reason, detail }, ['reason']), { type: 'null' }] };
}
