import superjson from 'superjson';
import { signInAs } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { createOpenApiApp, createRequest } from './_support/app.ts';
import { findSchemaMismatch, getOperation, getResponse } from './_support/document.ts';

/** Parses the events of a complete stream. */
function parseEvents(text: string): readonly { name: string; data: string }[] {
  return text.split('\n\n').flatMap((block) => {
    const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
    return block.includes('data:') ? [{ name: field('event') ?? 'message', data: field('data') ?? '' }] : [];
  });
}

describe.each([
  ['no transformer', undefined],
  ['superjson', superjson],
])('a subscription with %s', (_, transformer) => {
  const setUp = () => {
    const app = createOpenApiApp(transformer && { transformer });
    const { t, requireSession } = app;
    const ticks = t.procedure.use(requireSession()).subscription(async function* () {
      yield { at: new Date(0) };
    });
    const router = t.router({ ticks });
    const document = app.describe(router);
    const response = getResponse(document, 'ticks', 200) as { description: string; content: Record<string, Json> };
    return {
      ...app,
      router,
      document,
      description: response.description,
      stream: response.content['text/event-stream'] ?? {},
    };
  };

  test('is a GET that responds with events, and a refusal is one of them', async () => {
    const { serve, router, document, stream, description } = setUp();
    const response = await serve(router, createRequest(document, 'ticks'));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const events = parseEvents(await response.text());
    expect(events.map(({ name }) => name)).toEqual(['connected', 'serialized-error']);
    const refusal: unknown = JSON.parse(events[1]?.data ?? '');
    expect(findSchemaMismatch(document, stream['x-events']?.['serialized-error'], refusal)).toBe(null);
    expect(JSON.stringify(refusal)).toContain('"reason":"missing"');
    expect(description).toContain('`missing`');
  });

  test('sends values as described if the session passes the guard', async () => {
    const { sessions, serve, router, document, stream, description } = setUp();
    const { headers } = await signInAs(sessions, ada);
    const response = await serve(router, createRequest(document, 'ticks', { headers }));
    const events = parseEvents(await response.text());
    expect(events.map(({ name }) => name)).toEqual(['connected', 'message', 'return']);
    for (const { name } of events) expect(description).toContain(name === 'message' ? 'without a name' : name);
    expect(findSchemaMismatch(document, stream['x-events']?.message, JSON.parse(events[1]?.data ?? ''))).toBe(null);
  });

  test('is protected, and has no status that it never responds with', () => {
    const operation = getOperation(setUp().document, 'ticks');
    expect(operation.security).toEqual([{ sessionCookie: [] }]);
    expect(Object.keys(operation.responses as object)).toEqual(['200', 'default']);
  });
});

type Json = Readonly<Record<string, Record<string, object>>>;
