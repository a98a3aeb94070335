import { describe, expect, test } from 'vitest';
import { parseOrigins } from '../../../src/core/options.ts';
import { toSessionRequest } from '../../../src/core/ports/transport.ts';
import { isCrossSite, isUnsafe } from '../../../src/core/request/origin.ts';

interface Sent {
  readonly method?: string;
  readonly site?: string;
  readonly origin?: string;
  readonly host?: string | null;
  readonly carried?: boolean;
  readonly headers?: Record<string, string>;
}

function refused({
  method = 'POST',
  site,
  origin,
  host = 'app.example.com',
  carried = true,
  headers = {},
}: Sent): boolean {
  const named = { 'sec-fetch-site': site, origin, host: host ?? undefined, ...headers };
  return isCrossSite(
    toSessionRequest({ method, headers: named }),
    parseOrigins(['https://admin.example.com']),
    carried,
  );
}

describe('the method', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'get'])('%s passes from anywhere', (method) => {
    expect(refused({ method, site: 'cross-site', origin: 'https://evil.example' })).toBe(false);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'post', 'POST ', '', 'QUERY'])('%j is unsafe', (method) => {
    expect(refused({ method, site: 'cross-site' })).toBe(true);
  });

  test('is the real one: headers that name another do not count', () => {
    expect(
      refused({ site: 'cross-site', headers: { 'x-http-method-override': 'GET', 'x-method-override': 'GET' } }),
    ).toBe(true);
    expect(isUnsafe('POST')).toBe(true);
  });
});

describe('Sec-Fetch-Site decides where it is sent', () => {
  test.each(['same-origin', 'none'])('%s passes', (site) => {
    expect(refused({ site })).toBe(false);
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
  ])('%j does not', (site) => {
    expect(refused({ site })).toBe(true);
    expect(refused({ site, carried: false })).toBe(true);
    expect(refused({ site, origin: 'https://app.example.com' })).toBe(true);
  });

  test('a configured origin passes all the same', () => {
    expect(refused({ site: 'same-site', origin: 'https://admin.example.com' })).toBe(false);
    expect(refused({ site: 'cross-site', origin: 'https://admin.example.com' })).toBe(false);
  });
});

describe('Origin decides where Sec-Fetch-Site is absent', () => {
  test.each([
    ['https://app.example.com', 'app.example.com'],
    ['http://localhost:3000', 'localhost:3000'],
    ['https://app.example.com', 'APP.example.com'],
    ['https://admin.example.com', 'app.example.com'],
  ])('%s at the host %s passes', (origin, host) => {
    expect(refused({ origin, host })).toBe(false);
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
  ])('%j does not', (origin) => {
    expect(refused({ origin })).toBe(true);
    expect(refused({ origin, carried: false })).toBe(true);
  });

  test('without a Host nothing is our own', () => {
    expect(refused({ origin: 'https://app.example.com', host: null })).toBe(true);
  });

  test('several hosts are none, and forwarded hosts do not count', () => {
    expect(refused({ origin: 'https://evil.com', host: 'app.example.com, evil.com' })).toBe(true);
    const headers = { 'x-forwarded-host': 'evil.com', forwarded: 'host=evil.com' };
    expect(refused({ origin: 'https://evil.com', headers })).toBe(true);
  });
});

describe('where both are absent', () => {
  test('our cookie makes it another site; without it nobody could be harmed', () => {
    expect(refused({ carried: true })).toBe(true);
    expect(refused({ carried: false })).toBe(false);
  });

  test.each(['multipart/form-data; boundary=x', 'text/plain', 'application/json', 'application/octet-stream', ''])(
    'the content type %j changes nothing',
    (type) => {
      expect(refused({ headers: { 'content-type': type } })).toBe(true);
      expect(refused({ site: 'cross-site', headers: { 'content-type': type } })).toBe(true);
    },
  );
});

describe('a WebSocket handshake is a GET that no other site may make', () => {
  const upgrade = { method: 'GET', headers: { upgrade: 'websocket', connection: 'Upgrade' } };

  test('from another site', () => {
    expect(refused({ ...upgrade, origin: 'https://evil.example' })).toBe(true);
    expect(refused({ ...upgrade, site: 'same-site', origin: 'https://evil.app.example.com' })).toBe(true);
    expect(refused({ ...upgrade, origin: 'null' })).toBe(true);
  });

  test('from the app itself, a configured origin, or a client that is no browser', () => {
    expect(refused({ ...upgrade, origin: 'https://app.example.com' })).toBe(false);
    expect(refused({ ...upgrade, site: 'same-origin', origin: 'https://app.example.com' })).toBe(false);
    expect(refused({ ...upgrade, origin: 'https://admin.example.com' })).toBe(false);
    expect(refused(upgrade)).toBe(false);
  });
});

describe('configured origins', () => {
  test('are exact', () => {
    expect([...parseOrigins(['https://a.example', 'http://localhost:3000'])]).toEqual([
      'https://a.example',
      'http://localhost:3000',
    ]);
  });

  test.each([
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
    'https://*.a.example',
    ' https://a.example',
    'ftp://a.example',
    'ws://a.example',
    'javascript:alert(1)',
    null,
    7,
    ['https://a.example'],
  ])('refuse %j', (origin) => {
    expect(() => parseOrigins([origin as string])).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`origins`') }),
    );
  });
});
