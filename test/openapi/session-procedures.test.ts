import superjson from 'superjson';
import { signInAs } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { createOpenApiApp, createRequest } from './_support/app.ts';
import { findInputMismatch, findMismatch, getOperation, getResponse } from './_support/document.ts';

describe.each([
  ['no transformer', undefined],
  ['superjson', superjson],
])('the session procedures, with %s', (_, transformer) => {
  const setUp = async () => {
    const app = createOpenApiApp(transformer && { transformer });
    const router = app.t.router({ session: app.createSessionProcedures(app.t.procedure) });
    const document = app.describe(router);
    const { headers, session } = await signInAs(app.sessions, ada, { userAgent: 'Firefox' });
    const encode = (input: unknown): unknown => (transformer && input !== undefined ? { json: input } : input);
    /** Calls a procedure. Returns the status, and how the body differs from the document. */
    const call = async (verb: string, input?: unknown, sent: HeadersInit = headers) => {
      const path = `session.${verb}`;
      const request = createRequest(document, path, { input: encode(input), headers: sent });
      const response = await app.serve(router, request);
      const body: unknown = await response.json();
      const mismatch = findMismatch(
        document,
        getResponse(document, path, response.status === 200 ? 200 : 'default'),
        body,
      );
      return { status: response.status, mismatch, body };
    };
    const findWrongInput = (verb: string, input: unknown) =>
      findInputMismatch(document, `session.${verb}`, encode(input));
    return { ...app, document, session, call, findWrongInput };
  };

  test('respond as the document describes', async () => {
    const { sessions, session, call } = await setUp();
    const other = await signInAs(sessions, ada);
    const calls: [verb: string, input?: unknown][] = [
      ['get'],
      ['set', { visits: 7 }],
      ['touch'],
      ['list'],
      ['revoke', { id: other.session.id }],
      ['revoke', { id: 'unknown' }],
      ['revokeOthers'],
      ['destroy'],
    ];
    for (const [verb, input] of calls) {
      expect(await call(verb, input), verb).toMatchObject({ status: 200, mismatch: null });
    }
    expect(await call('get', undefined, {})).toMatchObject({ status: 200, mismatch: null });
    expect(session.device).toBe('Firefox');
  });

  test('respond with a body that the document allows for no other of them', async () => {
    const { call, document } = await setUp();
    const { body } = await call('list');
    for (const verb of ['get', 'set', 'destroy', 'touch', 'revoke', 'revokeOthers']) {
      expect(findMismatch(document, getResponse(document, `session.${verb}`, 200), body), verb).not.toBe(null);
    }
  });

  test.each([
    ['set', { visits: 1 }],
    ['set', { visits: 1.5 }],
    ['set', { visits: 'one' }],
    ['set', {}],
    ['revoke', { id: 'x' }],
    ['revoke', { id: 'x'.repeat(64) }],
    ['revoke', { id: 'x'.repeat(65) }],
    ['revoke', { id: 7 }],
    ['revoke', {}],
    ['revoke', []],
  ])('accept and reject input as the document describes: %s %j', async (verb, input) => {
    const { call, findWrongInput } = await setUp();
    const { status } = await call(verb, input);
    expect([200, 400]).toContain(status);
    expect(findWrongInput(verb, input) === null).toBe(status === 200);
  });

  test('all have a description', async () => {
    const { document } = await setUp();
    for (const path of Object.keys(document.paths)) {
      expect(getOperation(document, path.slice(1)).description).toMatch(/^\w.*\.$/s);
    }
  });
});
