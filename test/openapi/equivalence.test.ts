// Slow: it compares 25 random routers with their documents, for each of four transports and two transformers.
import fc from 'fast-check';
import superjson from 'superjson';
import { first } from 'trpc-session';
import { signInAs } from 'trpc-session/testing';
import type { SessionTransport } from 'trpc-session/transports';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer, header } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { createOpenApiApp, createRequest } from './_support/app.ts';
import { findMismatch, getOperation, getResponse } from './_support/document.ts';
import { buildRouter, routerPlan } from './_support/random-router.ts';

const transports: Readonly<Record<string, () => SessionTransport>> = {
  'a cookie': () => cookie(),
  'a bearer token': () => bearer(),
  'a header': () => header('X-Session'),
  'a cookie or a bearer token': () => first(cookie(), bearer()),
};

/** Reads the error code and the reason of a call. Both are null if it was not refused. */
async function readOutcome(response: Response): Promise<{ code: unknown; reason: unknown; body: unknown }> {
  const text = await response.text();
  const body = JSON.parse(isStream(response) ? (findEvent(text, 'serialized-error') ?? '{}') : text);
  const { error = isStream(response) ? body : undefined } = body;
  const { data } = error?.json ?? error ?? {};
  return { code: data?.code ?? null, reason: data?.session?.reason ?? null, body };
}

function isStream(response: Response): boolean {
  return response.headers.get('content-type') === 'text/event-stream';
}

function findEvent(text: string, name: string): string | undefined {
  return new RegExp(`^event: ${name}\ndata: (.*)$`, 'm').exec(text)?.[1];
}

describe.each(Object.entries(transports))('with %s', (_, transport) => {
  test.each([
    ['no transformer', {}],
    ['superjson', { transformer: superjson }],
  ])(
    'and %s, the document marks exactly the procedures that refuse signed-out users',
    async (_, options) => {
      const seen = { guarded: 0, open: 0 };
      const property = fc.asyncProperty(routerPlan, async (plan) => {
        const app = createOpenApiApp({ ...options, transport: transport() });
        const { router, guarded } = buildRouter(app, plan);
        const document = app.describe(await app.loadRouter(router));
        const { headers } = await signInAs(app.sessions, ada);
        const input = 'transformer' in options ? { json: { a: 'x', b: 'y' } } : { a: 'x', b: 'y' };
        expect(Object.keys(document.paths).toSorted()).toEqual(
          [...guarded.keys()].map((path) => `/${path}`).toSorted(),
        );
        for (const [path, isGuarded] of guarded) {
          seen[isGuarded ? 'guarded' : 'open'] += 1;
          const { security } = getOperation(document, path);
          const response = await app.serve(router, createRequest(document, path, { input }));
          const { code, reason, body } = await readOutcome(response);
          expect({ path, isGuarded, code, reason }).toEqual({
            path,
            isGuarded,
            ...(isGuarded ? refusedAsMissing : notRefused),
          });
          expect((security as unknown[]).length > 0).toBe(isGuarded);
          const claimed = [401, 403, 503].filter((status) => getResponse(document, path, status));
          if (!isGuarded) expect(claimed).toEqual([]);
          if (isStream(response)) continue;
          expect(claimed.includes(401)).toBe(isGuarded);
          expect(findMismatch(document, getResponse(document, path, response.status), body)).toBe(null);
          const asAda = await app.serve(router, createRequest(document, path, { input, headers }));
          expect(asAda.status).toBe(200);
          expect(findMismatch(document, getResponse(document, path, 200), await asAda.json())).toBe(null);
        }
      });
      await fc.assert(property, { numRuns: 25 });
      expect(Math.min(seen.guarded, seen.open)).toBeGreaterThan(10);
    },
    60_000,
  );
});

const refusedAsMissing = { code: 'UNAUTHORIZED', reason: 'missing' };
const notRefused = { code: null, reason: null };
