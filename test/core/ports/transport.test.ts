import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  first,
  type HeaderSource,
  parseCookieValues,
  type SessionTransport,
  toSessionRequest,
} from '../../../src/core/ports/transport.ts';

describe('the values of a cookie', () => {
  test.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['separators alone', ';;;', []],
    ['spaces alone', '   ', []],
    ['one', 'sid=A', ['A']],
    ['one among others', 'a=1; sid=A; b=2', ['A']],
    ['an empty value', 'sid=', ['']],
    ['a name without a value', 'sid', []],
    ['a name without a value beside one', 'sid; sid=A', ['A']],
    ['a value without a name', '=sid', []],
    ['a nameless cookie that smuggles ours', '=sid=evil', []],
    ['a nameless cookie after a space', ' =sid=evil', []],
    ['two values', 'sid=A; sid=B', ['A', 'B']],
    ['the same value twice', 'sid=A; sid=A', ['A', 'A']],
    ['another case of the name', 'SID=A; Sid=B', []],
    ['a longer name', 'sid2=A; xsid=B', []],
    ['spaces and tabs around', '\t sid\t = \tA\t ;', ['A']],
    ['no space after the separator', 'a=1;sid=A;b=2', ['A']],
    ['commas', 'a=b, sid=A', []],
    ['a comma within', 'sid=A,B', ['A,B']],
    ['quotes, which are part of the value', 'sid="A"', ['"A"']],
    ['a separator within quotes', 'sid="A;B"', ['"A']],
    ['percent-encoding, undecoded', 'sid=%41%zz%E0%A4%A', ['%41%zz%E0%A4%A']],
    ['a percent-encoded name', '%73id=A', []],
    ['an equals sign within', 'sid=A=B==', ['A=B==']],
    ['a null byte', 'sid=A\0B', ['A\0B']],
    ['line breaks', 'sid=A\r\nSet-Cookie: x=y', ['A\r\nSet-Cookie: x=y']],
    ['characters past ASCII', 'sid=Ａ\u202eé', ['Ａ\u202eé']],
    ['a no-break space before the name', '\u00a0sid=evil', []],
    ['a no-break space after the name', 'sid\u00a0=evil', []],
    ['a wide space before the name', '\u2003sid=evil', []],
    ['a byte order mark before the name', '\ufeffsid=evil', []],
    ['a vertical tab and a form feed before the name', '\v\fsid=evil', []],
    ['a no-break space around the value, which is kept', 'sid=\u00a0A\u00a0', ['\u00a0A\u00a0']],
  ])('%s', (_case, header, values) => {
    expect(parseCookieValues(header, 'sid')).toEqual(values);
  });

  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('%s is a name like any other', (name) => {
    expect(parseCookieValues('sid=A', name)).toEqual([]);
    expect(parseCookieValues(`${name}=A; sid=B`, name)).toEqual(['A']);
    expect(parseCookieValues(`${name}=A; sid=B`, 'sid')).toEqual(['B']);
  });

  test('a name with a prefix is compared in its own case', () => {
    expect(parseCookieValues('__host-sid=A; __HOST-SID=B; __Host-sid=C', '__Host-sid')).toEqual(['C']);
  });

  test('come after 10,000 others and out of a megabyte, in linear time', () => {
    const many = `${Array.from({ length: 10_000 }, (_, at) => `c${at}=${at}`).join('; ')}; sid=A`;
    expect(parseCookieValues(many, 'sid')).toEqual(['A']);
    const began = performance.now();
    for (const filler of ['=', ' ', ';', 'sid', ' ;=', '\t']) {
      parseCookieValues(`sid=a${filler.repeat(1_000_000 / filler.length)}b`, 'sid');
    }
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('a request', () => {
  const shapes: [string, HeaderSource][] = [
    ['Headers', new Headers({ cookie: 'a=1; sid=A', origin: 'https://a.example' })],
    ['a record of Node', { cookie: 'a=1; sid=A', origin: 'https://a.example' }],
    ['a record with arrays', { cookie: ['a=1', 'sid=A'], origin: ['https://a.example'] }],
    ["Node's own message", incoming({ cookie: 'a=1; sid=A', origin: 'https://a.example' })],
    [
      'anything with get',
      { get: (name: string) => new Headers({ cookie: 'a=1; sid=A', origin: 'https://a.example' }).get(name) } as never,
    ],
  ];

  test.each(shapes)('reads the same from %s', (_shape, headers) => {
    const request = toSessionRequest({ headers });
    expect(request.cookies('sid')).toEqual(['A']);
    expect(request.header('origin')).toBe('https://a.example');
    expect(request.header('absent')).toBeNull();
  });

  test('inherits nothing', () => {
    const request = toSessionRequest({ headers: { cookie: undefined } });
    expect(request.header('constructor')).toBeNull();
    expect(request.header('__proto__')).toBeNull();
    expect(request.cookies('sid')).toEqual([]);
    const inheriting: HeaderSource = Object.create({ cookie: 'sid=A' });
    expect(toSessionRequest({ headers: inheriting }).cookies('sid')).toEqual([]);
  });

  test('keeps repeated headers apart, so that none of them passes for one', () => {
    expect(toSessionRequest({ headers: { host: ['a.example', 'b.example'] } }).header('host')).toBe(
      'a.example, b.example',
    );
  });

  test('ignores Set-Cookie and Cookie2', () => {
    const headers = new Headers({ 'set-cookie': 'sid=A', cookie2: 'sid=B' });
    expect(toSessionRequest({ headers }).cookies('sid')).toEqual([]);
  });

  test('takes cookies from where they are kept apart', () => {
    const request = toSessionRequest({ headers: { cookie: 'sid=old' }, cookies: (name) => [`new ${name}`] });
    expect(request.cookies('sid')).toEqual(['new sid']);
  });

  test('has an upper-case method, GET where nobody knows', () => {
    expect(toSessionRequest({ headers: {}, method: 'post' }).method).toBe('POST');
    expect(toSessionRequest({ headers: {} }).method).toBe('GET');
    expect(toSessionRequest({ headers: {}, method: undefined }).method).toBe('GET');
  });
});

test('first joins transports in the order given', () => {
  const named =
    (name: string): SessionTransport =>
    () => [{ name } as never];
  const carriers = first(named('a'), first(named('b'), named('c')))({} as never);
  expect(carriers.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});

function incoming(headers: Record<string, string>): HeaderSource {
  const message = new IncomingMessage(new Socket());
  Object.assign(message.headers, headers);
  return message.headers;
}
