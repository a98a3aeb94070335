import superjson from 'superjson';
import { signInAs } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { openApiApp, requestFor } from './_support/app.ts';
import { answerOf, inputMismatch, mismatch, operationAt } from './_support/document.ts';

describe.each([
  ['no transformer', undefined],
  ['superjson', superjson],
])("the session's own procedures, with %s", (_, transformer) => {
  const setting = async () => {
    const app = openApiApp(transformer && { transformer });
    const router = app.t.router({ session: app.createSessionProcedures(app.t.procedure) });
    const document = app.describe(router);
    const { headers, session } = await signInAs(app.sessions, ada, { userAgent: 'Firefox' });
    const onWire = (input: unknown): unknown => (transformer && input !== undefined ? { json: input } : input);
    /** The status of a call and, where it succeeds, what is wrong with its answer. */
    const call = async (verb: string, input?: unknown, sent: HeadersInit = headers) => {
      const path = `session.${verb}`;
      const request = requestFor(document, path, { input: onWire(input), headers: sent });
      const response = await app.serve(router, request);
      const body: unknown = await response.json();
      const wrong = mismatch(document, answerOf(document, path, response.status === 200 ? 200 : 'default'), body);
      return { status: response.status, wrong, body };
    };
    const wrongInput = (verb: string, input: unknown) => inputMismatch(document, `session.${verb}`, onWire(input));
    return { ...app, document, session, call, wrongInput };
  };

  test('answer what the document says', async () => {
    const { sessions, session, call } = await setting();
    const other = await signInAs(sessions, ada);
    const calls: [verb: string, input?: unknown][] = [
      ['get'],
      ['set', { visits: 7 }],
      ['list'],
      ['revoke', { id: other.session.id }],
      ['revoke', { id: 'nobody' }],
      ['revokeOthers'],
      ['destroy'],
    ];
    for (const [verb, input] of calls) {
      expect(await call(verb, input), verb).toMatchObject({ status: 200, wrong: null });
    }
    expect(await call('get', undefined, {})).toMatchObject({ status: 200, wrong: null });
    expect(session.device).toBe('Firefox');
  });

  test('answer nothing that the document takes for the answer of another', async () => {
    const { call, document } = await setting();
    const { body } = await call('list');
    for (const verb of ['get', 'set', 'destroy', 'revoke', 'revokeOthers']) {
      expect(mismatch(document, answerOf(document, `session.${verb}`, 200), body), verb).not.toBe(null);
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
  ])('take and refuse as the document says: %s %j', async (verb, input) => {
    const { call, wrongInput } = await setting();
    const { status } = await call(verb, input);
    expect([200, 400]).toContain(status);
    expect(wrongInput(verb, input) === null).toBe(status === 200);
  });

  test('have words, each', async () => {
    const { document } = await setting();
    for (const path of Object.keys(document.paths)) {
      expect(operationAt(document, path.slice(1)).description).toMatch(/^\w.*\.$/s);
    }
  });
});
