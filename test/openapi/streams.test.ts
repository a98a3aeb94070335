import superjson from 'superjson';
import { signInAs } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { openApiApp, requestFor } from './_support/app.ts';
import { answerOf, operationAt, schemaMismatch } from './_support/document.ts';

/** The events of a stream that has ended. */
function eventsIn(text: string): readonly { name: string; data: string }[] {
  return text.split('\n\n').flatMap((block) => {
    const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
    return block.includes('data:') ? [{ name: field('event') ?? 'message', data: field('data') ?? '' }] : [];
  });
}

describe.each([
  ['no transformer', undefined],
  ['superjson', superjson],
])('a subscription with %s', (_, transformer) => {
  const setting = () => {
    const app = openApiApp(transformer && { transformer });
    const { t, requireSession } = app;
    const ticks = t.procedure.use(requireSession()).subscription(async function* () {
      yield { at: new Date(0) };
    });
    const router = t.router({ ticks });
    const document = app.describe(router);
    const answer = answerOf(document, 'ticks', 200) as { description: string; content: Record<string, Json> };
    return { ...app, router, document, answer, stream: answer.content['text/event-stream'] ?? {} };
  };

  test('is a GET that answers with events, refusals among them', async () => {
    const { serve, router, document, stream, answer } = setting();
    const response = await serve(router, requestFor(document, 'ticks'));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const events = eventsIn(await response.text());
    expect(events.map(({ name }) => name)).toEqual(['connected', 'serialized-error']);
    const refusal: unknown = JSON.parse(events[1]?.data ?? '');
    expect(schemaMismatch(document, stream['x-events']?.['serialized-error'], refusal)).toBe(null);
    expect(JSON.stringify(refusal)).toContain('"reason":"missing"');
    expect(answer.description).toContain('`missing`');
  });

  test('sends values as described to those who are let in', async () => {
    const { sessions, serve, router, document, stream, answer } = setting();
    const { headers } = await signInAs(sessions, ada);
    const response = await serve(router, requestFor(document, 'ticks', { headers }));
    const events = eventsIn(await response.text());
    expect(events.map(({ name }) => name)).toEqual(['connected', 'message', 'return']);
    for (const { name } of events) expect(answer.description).toContain(name === 'message' ? 'without a name' : name);
    expect(schemaMismatch(document, stream['x-events']?.message, JSON.parse(events[1]?.data ?? ''))).toBe(null);
  });

  test('is protected, with no status that it never has', () => {
    const operation = operationAt(setting().document, 'ticks');
    expect(operation.security).toEqual([{ sessionCookie: [] }]);
    expect(Object.keys(operation.responses as object)).toEqual(['200', 'default']);
  });
});

type Json = Readonly<Record<string, Record<string, object>>>;
