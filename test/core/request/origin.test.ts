import { describe, expect, test } from 'vitest';
import { parseOrigins } from '../../../src/core/record/origins.ts';
import { findOrigin, isUnsafe } from '../../../src/core/request/origin.ts';
import { toSessionRequest } from '../../../src/core/request/session-request.ts';

interface SentRequest {
  readonly method?: string;
  readonly site?: string;
  readonly origin?: string;
  readonly host?: string | null;
  readonly hasCredential?: boolean;
  readonly headers?: Record<string, string>;
}

/** Returns whether a request is refused because another site sent it. `https://admin.example.com` is a configured origin. */
function isRefused({
  method = 'POST',
  site,
  origin,
  host = 'app.example.com',
  hasCredential = true,
  headers = {},
}: SentRequest): boolean {
  const sentHeaders = { 'sec-fetch-site': site, origin, host: host ?? undefined, ...headers };
  const request = toSessionRequest({ method, headers: sentHeaders }, null);
  return findOrigin(request, parseOrigins(['https://admin.example.com']), hasCredential) !== 'own';
}

describe('a request from another site', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'get'])('is accepted with the safe method %s', (method) => {
    expect(isRefused({ method, site: 'cross-site', origin: 'https://evil.example' })).toBe(false);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'post', 'POST ', '', 'QUERY'])(
    'is refused with the method %j',
    (method) => {
      expect(isRefused({ method, site: 'cross-site' })).toBe(true);
    },
  );

  test('is refused as POST, whatever a method override header says', () => {
    expect(
      isRefused({ site: 'cross-site', headers: { 'x-http-method-override': 'GET', 'x-method-override': 'GET' } }),
    ).toBe(true);
    expect(isUnsafe('POST')).toBe(true);
  });
});

describe('a request with Sec-Fetch-Site', () => {
  test.each(['same-origin', 'none'])('is accepted if the value is %s', (site) => {
    expect(isRefused({ site })).toBe(false);
  });

  test.each([
    'cross-site',
    'same-site',
    'SAME-ORIGIN',
    ' same-origin',
    'same-origin, cross-site',
    'same-origin, same-origin',
    'garbage',
    '',
  ])('is refused if the value is %j, whatever its Origin and credential', (site) => {
    expect(isRefused({ site })).toBe(true);
    expect(isRefused({ site, hasCredential: false })).toBe(true);
    expect(isRefused({ site, origin: 'https://app.example.com' })).toBe(true);
  });

  test('is accepted from a configured origin, whatever the value', () => {
    expect(isRefused({ site: 'same-site', origin: 'https://admin.example.com' })).toBe(false);
    expect(isRefused({ site: 'cross-site', origin: 'https://admin.example.com' })).toBe(false);
  });
});

describe('a request with Origin and without Sec-Fetch-Site', () => {
  test.each([
    ['https://app.example.com', 'app.example.com'],
    ['http://localhost:3000', 'localhost:3000'],
    ['https://app.example.com', 'APP.example.com'],
    ['https://admin.example.com', 'app.example.com'],
  ])('is accepted if Origin is %s and Host is %s', (origin, host) => {
    expect(isRefused({ origin, host })).toBe(false);
  });

  test.each([
    'null',
    '',
    'https://evil.example',
    'https://app.example.com.evil.com',
    'https://evil.com#app.example.com',
    'https://evil.com/app.example.com',
    'https://app.example.com:444',
    'https://app.example.com:443',
    'https://app.example.com@evil.com',
    'https://evil@app.example.com',
    'https://APP.example.com',
    'https://app.example.com.',
    'https://app.example.com/',
    'https://app.exämple.com',
    'app.example.com',
    '//app.example.com',
    'https://sub.app.example.com',
    'https://example.com',
    'https://app.example.com, https://app.example.com',
    'file://',
    'https://admin.example.com/',
    'https://admin.example.com:8443',
    'http://admin.example.com',
  ])('is refused if Origin is %j', (origin) => {
    expect(isRefused({ origin })).toBe(true);
    expect(isRefused({ origin, hasCredential: false })).toBe(true);
  });

  test('is refused if there is no Host header', () => {
    expect(isRefused({ origin: 'https://app.example.com', host: null })).toBe(true);
  });

  test('is refused if Host has several values or only a forwarded host matches', () => {
    expect(isRefused({ origin: 'https://evil.com', host: 'app.example.com, evil.com' })).toBe(true);
    const headers = { 'x-forwarded-host': 'evil.com', forwarded: 'host=evil.com' };
    expect(isRefused({ origin: 'https://evil.com', headers })).toBe(true);
  });
});

describe('a request without Origin and Sec-Fetch-Site', () => {
  test('is refused only if it carries the credential', () => {
    expect(isRefused({ hasCredential: true })).toBe(true);
    expect(isRefused({ hasCredential: false })).toBe(false);
  });

  test.each(['multipart/form-data; boundary=x', 'text/plain', 'application/json', 'application/octet-stream', ''])(
    'is refused whatever its content type is: %j',
    (type) => {
      expect(isRefused({ headers: { 'content-type': type } })).toBe(true);
      expect(isRefused({ site: 'cross-site', headers: { 'content-type': type } })).toBe(true);
    },
  );
});

describe('a WebSocket handshake', () => {
  const upgrade = { method: 'GET', headers: { upgrade: 'websocket', connection: 'Upgrade' } };

  test('is refused from another site, although it is a GET request', () => {
    expect(isRefused({ ...upgrade, origin: 'https://evil.example' })).toBe(true);
    expect(isRefused({ ...upgrade, site: 'same-site', origin: 'https://evil.app.example.com' })).toBe(true);
    expect(isRefused({ ...upgrade, origin: 'null' })).toBe(true);
  });

  test('is accepted from the app, a configured origin and a client that is not a browser', () => {
    expect(isRefused({ ...upgrade, origin: 'https://app.example.com' })).toBe(false);
    expect(isRefused({ ...upgrade, site: 'same-origin', origin: 'https://app.example.com' })).toBe(false);
    expect(isRefused({ ...upgrade, origin: 'https://admin.example.com' })).toBe(false);
    expect(isRefused(upgrade)).toBe(false);
  });
});

describe('parseOrigins', () => {
  test('accepts the listed origins and no other', () => {
    const isAllowed = parseOrigins(['https://a.example', 'http://localhost:3000']);
    expect(['https://a.example', 'http://localhost:3000'].filter(isAllowed)).toHaveLength(2);
    expect(['http://a.example', 'http://localhost', 'null', ''].filter(isAllowed)).toEqual([]);
  });

  test.each(
    [
      '',
      'null',
      '*',
      'a.example',
      '//a.example',
      'https://a.example/',
      'https://a.example/path',
      'https://a.example?q',
      'https://a.example#f',
      'https://user@a.example',
      'https://a.example:443',
      'https://A.example',
      ' https://a.example',
      'ftp://a.example',
      'ws://a.example',
      'javascript:alert(1)',
      null,
      7,
      ['https://a.example'],
    ].map((origin) => [origin]),
  )('throws INVALID_OPTION for %j', (origin) => {
    expect(() => parseOrigins([origin as string])).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`origins`') }),
    );
  });
});
