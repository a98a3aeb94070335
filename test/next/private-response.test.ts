import { SessionError, type SessionErrorCode } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import { describe, expect, test } from 'vitest';
import { createAccountSessions } from '../_support/sessions.ts';

const { privateResponse } = createNextSession(createAccountSessions().sessions);

describe('a private response', () => {
  test('keeps its status, its own headers and its body', async () => {
    const headers = { 'cache-control': 'public, max-age=60', vary: 'Accept', 'x-own': '1' };
    const response = await privateResponse(new Response('hello', { status: 201, statusText: 'Made', headers }));
    expect(response.status).toBe(201);
    expect(response.statusText).toBe('Made');
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    expect(response.headers.get('vary')).toBe('Accept, Cookie');
    expect(response.headers.get('x-own')).toBe('1');
    expect(await response.text()).toBe('hello');
  });

  test('keeps every Set-Cookie', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    const response = await privateResponse(new Response(null, { headers }));
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  test.each([204, 304])('may have no body: %d', async (status) => {
    const response = await privateResponse(new Response(null, { status }));
    expect(response.status).toBe(status);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
  });

  test('may be a redirect, whose headers cannot be changed', async () => {
    const response = await privateResponse(() => Response.redirect('https://a.example/sign-in'));
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('https://a.example/sign-in');
    expect(response.headers.get('vary')).toBe('Cookie');
  });
});

describe('a SessionError', () => {
  test.each<[SessionErrorCode, number, string | null]>([
    ['MISSING', 401, 'missing'],
    ['EXPIRED', 401, 'expired'],
    ['STALE', 401, 'stale'],
    ['REFUSED', 403, 'refused'],
    ['CROSS_SITE', 403, 'cross-site'],
    ['UNAVAILABLE', 503, 'unavailable'],
    ['INVALID_OPTION', 500, null],
    ['NOT_CONFIGURED', 500, null],
    ['INVALID_DATA', 400, null],
    ['TOO_LARGE', 413, null],
    ['SUBJECT_CHANGED', 400, null],
    ['CONFLICT', 409, null],
    ['LIMIT_REACHED', 429, null],
    ['COOKIE_UNWRITABLE', 400, null],
    ['INSECURE_COOKIE', 400, null],
    ['COOKIE_SHADOWED', 400, null],
  ])('%s becomes a response with the status %d', async (code, status, reason) => {
    const response = await privateResponse(async () => {
      throw new SessionError(code);
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    expect(await response.json()).toEqual({ error: { message: new SessionError(code).publicMessage, reason } });
  });

  test('sends the message of a verifier, but neither hint nor cause', async () => {
    const error = new SessionError('REFUSED', { detail: 'members only', hint: 'hunter2', cause: new Error('hunter2') });
    const response = await privateResponse(() => {
      throw error;
    });
    const text = await response.text();
    expect(JSON.parse(text).error.detail).toBe('members only');
    expect(text).not.toContain('hunter2');
  });
});

test('rethrows other errors', async () => {
  const signal = Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;replace;/;307;' });
  const response = privateResponse(() => {
    throw signal;
  });
  await expect(response).rejects.toBe(signal);
});
