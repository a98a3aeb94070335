import { first } from 'trpc-session';
import type { SessionTransport } from 'trpc-session/transports';
import { describe, expect, test } from 'vitest';
import { parseCookieValues } from '../../../src/core/ports/transport.ts';

describe('parseCookieValues', () => {
  test.each<[string, string, string[]]>([
    ['no content', '', []],
    ['separators only', ';;;', []],
    ['spaces only', '   ', []],
    ['one cookie', 'sid=A', ['A']],
    ['the cookie among others', 'a=1; sid=A; b=2', ['A']],
    ['an empty value', 'sid=', ['']],
    ['a name without a value', 'sid', []],
    ['a name without a value before one with a value', 'sid; sid=A', ['A']],
    ['a value without a name', '=sid', []],
    ['a nameless cookie whose value looks like ours', '=sid=evil', []],
    ['a nameless cookie after a space', ' =sid=evil', []],
    ['two values', 'sid=A; sid=B', ['A', 'B']],
    ['the same value twice', 'sid=A; sid=A', ['A', 'A']],
    ['the name in another case', 'SID=A; Sid=B', []],
    ['longer names that contain the name', 'sid2=A; xsid=B', []],
    ['spaces and tabs around name and value', '\t sid\t = \tA\t ;', ['A']],
    ['no space after the separator', 'a=1;sid=A;b=2', ['A']],
    ['a comma as separator', 'a=b, sid=A', []],
    ['a comma in the value', 'sid=A,B', ['A,B']],
    ['quotes, which belong to the value', 'sid="A"', ['"A"']],
    ['a separator between quotes', 'sid="A;B"', ['"A']],
    ['percent-encoding, which is not decoded', 'sid=%41%zz%E0%A4%A', ['%41%zz%E0%A4%A']],
    ['a percent-encoded name', '%73id=A', []],
    ['an equals sign in the value', 'sid=A=B==', ['A=B==']],
    ['a null byte', 'sid=A\0B', ['A\0B']],
    ['line breaks', 'sid=A\r\nSet-Cookie: x=y', ['A\r\nSet-Cookie: x=y']],
    ['non-ASCII characters', 'sid=Ａ\u202eé', ['Ａ\u202eé']],
    ['a no-break space before the name', '\u00a0sid=evil', []],
    ['a no-break space after the name', 'sid\u00a0=evil', []],
    ['a wide space before the name', '\u2003sid=evil', []],
    ['a byte order mark before the name', '\ufeffsid=evil', []],
    ['a vertical tab and a form feed before the name', '\v\fsid=evil', []],
    ['no-break spaces around the value, which are kept', 'sid=\u00a0A\u00a0', ['\u00a0A\u00a0']],
  ])('parses a header with %s', (_case, header, values) => {
    expect(parseCookieValues(header, 'sid')).toEqual(values);
  });

  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('treats %s as an ordinary name', (name) => {
    expect(parseCookieValues('sid=A', name)).toEqual([]);
    expect(parseCookieValues(`${name}=A; sid=B`, name)).toEqual(['A']);
    expect(parseCookieValues(`${name}=A; sid=B`, 'sid')).toEqual(['B']);
  });

  test('compares a name with a prefix case-sensitively', () => {
    expect(parseCookieValues('__host-sid=A; __HOST-SID=B; __Host-sid=C', '__Host-sid')).toEqual(['C']);
  });

  test('takes linear time for 10,000 cookies and for a header of one megabyte', () => {
    const many = `${Array.from({ length: 10_000 }, (_, at) => `c${at}=${at}`).join('; ')}; sid=A`;
    expect(parseCookieValues(many, 'sid')).toEqual(['A']);
    const startedAt = performance.now();
    for (const filler of ['=', ' ', ';', 'sid', ' ;=', '\t']) {
      parseCookieValues(`sid=a${filler.repeat(1_000_000 / filler.length)}b`, 'sid');
    }
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

test('first() keeps the order of its transports', () => {
  const createTransport =
    (name: string): SessionTransport =>
    () => [{ name } as never];
  const carriers = first(createTransport('a'), first(createTransport('b'), createTransport('c')))({} as never);
  expect(carriers.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});
