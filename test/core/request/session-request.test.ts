import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { HeaderSource, RequestSource } from 'trpc-session/transports';
import { describe, expect, test } from 'vitest';
import { toSessionRequest } from '../../../src/core/request/session-request.ts';

const createRequest = (source: RequestSource) => toSessionRequest(source, null);

describe('toSessionRequest', () => {
  const shapes: [string, HeaderSource][] = [
    ['Headers', new Headers({ cookie: 'a=1; sid=A', origin: 'https://a.example' })],
    ['a plain object', { cookie: 'a=1; sid=A', origin: 'https://a.example' }],
    ['an object with arrays', { cookie: ['a=1', 'sid=A'], origin: ['https://a.example'] }],
    ['an IncomingMessage', createIncomingHeaders({ cookie: 'a=1; sid=A', origin: 'https://a.example' })],
    [
      'an object with a get method',
      { get: (name: string) => new Headers({ cookie: 'a=1; sid=A', origin: 'https://a.example' }).get(name) } as never,
    ],
  ];

  test.each(shapes)('returns the same values from %s', (_shape, headers) => {
    const request = createRequest({ headers });
    expect(request.cookies('sid')).toEqual(['A']);
    expect(request.header('origin')).toBe('https://a.example');
    expect(request.header('absent')).toBeNull();
  });

  test('reads the host of HTTP/2, which Node passes as `:authority`', () => {
    expect(createRequest({ headers: { ':authority': 'a.example' } }).header('host')).toBe('a.example');
    expect(createRequest({ headers: { ':authority': 'a.example', host: 'b.example' } }).header('host')).toBe(
      'b.example',
    );
    expect(createRequest({ headers: new Headers() }).header('host')).toBeNull();
  });

  test('ignores inherited properties', () => {
    const request = createRequest({ headers: { cookie: undefined } });
    expect(request.header('constructor')).toBeNull();
    expect(request.header('__proto__')).toBeNull();
    expect(request.cookies('sid')).toEqual([]);
    const inherited: HeaderSource = Object.create({ cookie: 'sid=A' });
    expect(createRequest({ headers: inherited }).cookies('sid')).toEqual([]);
  });

  test('joins repeated headers with commas, so that none of them counts alone', () => {
    expect(createRequest({ headers: { host: ['a.example', 'b.example'] } }).header('host')).toBe(
      'a.example, b.example',
    );
  });

  test('ignores Set-Cookie and Cookie2', () => {
    const headers = new Headers({ 'set-cookie': 'sid=A', cookie2: 'sid=B' });
    expect(createRequest({ headers }).cookies('sid')).toEqual([]);
  });

  test('prefers the cookies function to the Cookie header', () => {
    const request = createRequest({ headers: { cookie: 'sid=old' }, readCookies: (name) => [`new ${name}`] });
    expect(request.cookies('sid')).toEqual(['new sid']);
  });

  test('returns the method in upper case, and GET by default', () => {
    expect(createRequest({ headers: {}, method: 'post' }).method).toBe('POST');
    expect(createRequest({ headers: {} }).method).toBe('GET');
    expect(createRequest({ headers: {}, method: undefined }).method).toBe('GET');
  });
});

function createIncomingHeaders(headers: Record<string, string>): HeaderSource {
  const message = new IncomingMessage(new Socket());
  Object.assign(message.headers, headers);
  return message.headers;
}
