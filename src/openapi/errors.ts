import { type AnyTRPCRouter, TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { SessionError } from '../core/errors.ts';
import type { JsonSchema } from './json-schema.ts';
import { recordOf } from './procedures.ts';
import type { Refusal } from './refusals.ts';

/** Which parts of tRPC's error shape this router's formatter keeps. Only what is seen to be there is promised. */
export interface ErrorParts {
  readonly usual: boolean;
  readonly session: boolean;
}

/** Finds out by having the router's own formatter format an error of ours. */
export function errorPartsOf({ _def }: AnyTRPCRouter): ErrorParts {
  const cause = new SessionError('MISSING');
  const error = new TRPCError({ code: 'UNAUTHORIZED', message: cause.publicMessage, cause });
  const data = { code: error.code, httpStatus: 401, path: 'session.get' };
  const shape = { message: error.message, code: TRPC_ERROR_CODES_BY_KEY.UNAUTHORIZED, data };
  try {
    const made = recordOf(
      _def._config.errorFormatter({ error, shape, type: 'query', path: data.path, input: undefined, ctx: undefined }),
    );
    const { code, httpStatus, session } = recordOf(made.data);
    const usual =
      made.code === shape.code && typeof made.message === 'string' && code === data.code && httpStatus === 401;
    return { usual, session: usual && recordOf(session).reason === 'missing' };
  } catch {
    return { usual: false, session: false };
  }
}

/** The error shape of a refusal; without one, of any error. */
export function errorSchema({ usual, session }: ErrorParts, refusal?: Refusal): JsonSchema {
  if (!usual) return { description: 'As the error formatter of this router writes it.' };
  const data = {
    code: refusal ? { const: refusal.code } : { type: 'string' },
    httpStatus: refusal ? { const: refusal.status } : { type: 'integer' },
    path: { type: 'string' },
    ...(session && { session: sessionSchema(refusal) }),
  };
  return {
    type: 'object',
    properties: {
      message: { type: 'string' },
      code: refusal ? { const: TRPC_ERROR_CODES_BY_KEY[refusal.code] } : { type: 'integer' },
      data: { type: 'object', properties: data, required: ['code', 'httpStatus', ...(session ? ['session'] : [])] },
    },
    required: ['message', 'code', 'data'],
  };
}

function sessionSchema(refusal: Refusal | undefined): JsonSchema {
  const reason = {
    type: 'object',
    properties: {
      reason: refusal ? { enum: refusal.reasons } : { type: 'string' },
      detail: { type: 'string', description: 'The words of the verifier that refused.' },
    },
    required: ['reason'],
  };
  return { anyOf: [reason, { type: 'null', description: 'The procedure itself refused, not its guard.' }] };
}
