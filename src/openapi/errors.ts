import { type AnyTRPCRouter, TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { SessionError } from '../core/errors.ts';
import type { GuardRefusal } from './guards.ts';
import type { JsonSchema } from './json-schema.ts';
import { toRecord } from './procedures.ts';
import { createObjectSchema } from './schema-parts.ts';

/**
 * What a router's error formatter does to the shape of errors:
 * - `session`: it keeps tRPC's shape and adds `data.session`, as `createErrorFormatter` does.
 * - `plain`: it keeps tRPC's shape and adds no reason.
 * - `custom`: it changes the code, the message or the status. tRPC takes the HTTP status from the shape, so neither the
 *   body nor the status of an error is known.
 */
export type ErrorShapeKind = 'session' | 'plain' | 'custom';

/** Detects the kind by formatting probe errors with the router's own formatter. */
export function detectErrorShape({ _def }: AnyTRPCRouter): ErrorShapeKind {
  const { errorFormatter } = _def._config;
  const kinds = probes.map((probe) => detectProbeShape(errorFormatter, probe));
  return kinds.find((kind) => kind === 'custom') ?? kinds.find((kind) => kind === 'plain') ?? 'session';
}

const probes = [
  { error: new SessionError('MISSING'), code: 'UNAUTHORIZED', httpStatus: 401 },
  { error: new SessionError('REFUSED'), code: 'FORBIDDEN', httpStatus: 403 },
  { error: new SessionError('UNAVAILABLE'), code: 'SERVICE_UNAVAILABLE', httpStatus: 503 },
] as const;

function detectProbeShape(
  formatter: RouterErrorFormatter,
  { error: cause, code, httpStatus }: (typeof probes)[number],
): ErrorShapeKind {
  const error = new TRPCError({ code, message: cause.publicMessage, cause });
  const shape = {
    message: error.message,
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: { code, httpStatus, path: 'probe' },
  };
  try {
    const options = { error, shape, type: 'query', path: 'probe', input: undefined, ctx: undefined } as const;
    const { data, ...formatted } = toRecord(formatter(options));
    const { session, ...formattedData } = toRecord(data);
    if (formatted.code !== shape.code || formatted.message !== shape.message) return 'custom';
    if (formattedData.code !== code || formattedData.httpStatus !== httpStatus) return 'custom';
    return toRecord(session).reason === cause.reason ? 'session' : 'plain';
  } catch {
    return 'custom';
  }
}

type RouterErrorFormatter = AnyTRPCRouter['_def']['_config']['errorFormatter'];

/** Returns the schema of a refusal's error shape, or of any error if `refusal` is absent. */
export function createErrorSchema(kind: ErrorShapeKind, refusal?: GuardRefusal): JsonSchema {
  if (kind === 'custom') return { description: "In the format of the app's own error formatter." };
  const code = refusal ? { const: TRPC_ERROR_CODES_BY_KEY[refusal.code] } : { type: 'integer' };
  return createObjectSchema({ message: { type: 'string' }, code, data: createDataSchema(kind, refusal) });
}

/** Returns the schema of a refusal as `trpc-to-openapi` sends it: with the name of the code instead of its number. */
export function createRestErrorSchema(kind: ErrorShapeKind, refusal: GuardRefusal): JsonSchema {
  const body = { message: { type: 'string' }, code: { const: refusal.code } };
  return createObjectSchema(kind === 'custom' ? body : { ...body, data: createDataSchema(kind, refusal) });
}

function createDataSchema(kind: ErrorShapeKind, refusal?: GuardRefusal): JsonSchema {
  const required = {
    code: refusal ? { const: refusal.code } : { type: 'string' },
    httpStatus: refusal ? { const: refusal.status } : { type: 'integer' },
    ...(kind === 'session' && { session: createSessionSchema(refusal) }),
  };
  return createObjectSchema({ ...required, path: { type: 'string' } }, Object.keys(required));
}

/** Allows null, because the procedure itself can throw an error of the same status. */
function createSessionSchema(refusal?: GuardRefusal): JsonSchema {
  const reason = refusal ? { enum: refusal.reasons } : { type: 'string' };
  const canHaveDetail = !refusal || refusal.reasons.some((one) => ['refused', 'stale', 'expired'].includes(one));
  const detail = canHaveDetail && {
    detail: { type: 'string', description: 'The message of the verifier, or why the session ended.' },
  };
  return { anyOf: [createObjectSchema({ reason, ...detail }, ['reason']), { type: 'null' }] };
}
