import { type AnyTRPCRouter, TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { SessionError } from '../core/errors.ts';
import type { GuardRefusal } from './guards.ts';
import type { JsonSchema } from './json-schema.ts';
import { toRecord } from './procedures.ts';
import { createObjectSchema } from './schema-parts.ts';

/**
 * How much of an error's shape a router keeps: tRPC's own parts, what `sessionErrors` adds, or nothing that is known. With
 * the shape goes the HTTP status, which tRPC takes from it.
 */
export type ErrorForm = 'session' | 'plain' | 'custom';

/** Finds out by having the router's own formatter format errors of ours. */
export function detectErrorForm({ _def }: AnyTRPCRouter): ErrorForm {
  const { errorFormatter } = _def._config;
  const forms = probes.map((probe) => detectProbeForm(errorFormatter, probe));
  return forms.find((form) => form === 'custom') ?? forms.find((form) => form === 'plain') ?? 'session';
}

const probes = [
  { error: new SessionError('MISSING'), code: 'UNAUTHORIZED', httpStatus: 401 },
  { error: new SessionError('REFUSED'), code: 'FORBIDDEN', httpStatus: 403 },
  { error: new SessionError('UNAVAILABLE'), code: 'SERVICE_UNAVAILABLE', httpStatus: 503 },
] as const;

function detectProbeForm(
  formatter: RouterErrorFormatter,
  { error: cause, code, httpStatus }: (typeof probes)[number],
): ErrorForm {
  const error = new TRPCError({ code, message: cause.publicMessage, cause });
  const usual = {
    message: error.message,
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: { code, httpStatus, path: 'probe' },
  };
  try {
    const asked = { error, shape: usual, type: 'query', path: 'probe', input: undefined, ctx: undefined } as const;
    const { data, ...made } = toRecord(formatter(asked));
    const { session, ...kept } = toRecord(data);
    if (made.code !== usual.code || made.message !== usual.message) return 'custom';
    if (kept.code !== code || kept.httpStatus !== httpStatus) return 'custom';
    return toRecord(session).reason === cause.reason ? 'session' : 'plain';
  } catch {
    return 'custom';
  }
}

type RouterErrorFormatter = AnyTRPCRouter['_def']['_config']['errorFormatter'];

/** The shape of a refusal; without one, of any error. */
export function createErrorSchema(form: ErrorForm, refusal?: GuardRefusal): JsonSchema {
  if (form === 'custom') return { description: 'As the error formatter of the app writes it.' };
  const code = refusal ? { const: TRPC_ERROR_CODES_BY_KEY[refusal.code] } : { type: 'integer' };
  return createObjectSchema({ message: { type: 'string' }, code, data: createDataSchema(form, refusal) });
}

/** The body of a refusal by `trpc-to-openapi`, which puts the code's name in the place of its number. */
export function createRestErrorSchema(form: ErrorForm, refusal: GuardRefusal): JsonSchema {
  const body = { message: { type: 'string' }, code: { const: refusal.code } };
  return createObjectSchema(form === 'custom' ? body : { ...body, data: createDataSchema(form, refusal) });
}

function createDataSchema(form: ErrorForm, refusal?: GuardRefusal): JsonSchema {
  const always = {
    code: refusal ? { const: refusal.code } : { type: 'string' },
    httpStatus: refusal ? { const: refusal.status } : { type: 'integer' },
    ...(form === 'session' && { session: createSessionSchema(refusal) }),
  };
  return createObjectSchema({ ...always, path: { type: 'string' } }, Object.keys(always));
}

/** Null where the procedure itself threw, and not its guard. */
function createSessionSchema(refusal?: GuardRefusal): JsonSchema {
  const reason = refusal ? { enum: refusal.reasons } : { type: 'string' };
  const isJudged = !refusal || refusal.reasons.some((one) => one === 'refused' || one === 'stale');
  const detail = isJudged && { detail: { type: 'string', description: 'What the verifier had to say.' } };
  return { anyOf: [createObjectSchema({ reason, ...detail }, ['reason']), { type: 'null' }] };
}
