import fc from 'fast-check';
import { localPath } from 'trpc-session/next';
import { expect, test } from 'vitest';

test.each([
  '/',
  '/account',
  '/a/b?c=d&e=/f#g',
  '/a?next=https://b.example',
  '/a:b',
  '/%2F%2Fevil.com',
  '/a%20b',
  '/.',
  '/a//b',
  '/@evil.com',
])('returns %s, a path of this app', (path) => {
  expect(localPath(path, '/home')).toBe(path);
});

test.each([
  ['/日本', '/%E6%97%A5%E6%9C%AC'],
  ['/é?q=ü#ß', '/%C3%A9?q=%C3%BC#%C3%9F'],
  ['/a b', '/a%20b'],
  ['/\ud800', '/%EF%BF%BD'],
])('returns %s as %s, which a header can carry', (path, encoded) => {
  expect(localPath(path, '/home')).toBe(encoded);
  expect(new Headers({ location: localPath(path, '/home') }).get('location')).toBe(encoded);
});

test.each([
  '',
  'account',
  './account',
  '//evil.com',
  '///evil.com',
  '/\\evil.com',
  '\\\\evil.com',
  '\\/evil.com',
  '/a\\..\\\\evil.com',
  '/\t/evil.com',
  '/\n/evil.com',
  '/\r/evil.com',
  '\t//evil.com',
  ' //evil.com',
  ' /account',
  '/\u0000/evil.com',
  '/\u007f',
  'https://evil.com',
  'https:evil.com',
  'https:/evil.com',
  'javascript:alert(1)',
  'data:text/html,x',
  '%2F%2Fevil.com',
  '/.//evil.com',
  '/..//evil.com',
  '/a/..//evil.com',
  '/./\\evil.com',
  '/%2e//evil.com',
  '/a/%2E%2e//evil.com',
  '?next=/a',
  '#a',
  `/${'a'.repeat(2048)}`,
])('returns the fallback for %j', (path) => {
  expect(localPath(path, '/home')).toBe('/home');
});

test.each([
  [null],
  [undefined],
  [7],
  [['/account']],
  [{ toString: () => '/account' }],
  [new URL('https://a.example/account')],
])('returns the fallback for %o, which is no string', (value) => {
  expect(localPath(value, '/home')).toBe('/home');
});

test('never returns a path that a browser resolves to another host', () => {
  const part = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '%2e',
    '%2f',
    '%5c',
    '\t',
    '\n',
    ' ',
    '@',
    ':',
    '?',
    '#',
    'evil.com',
    'https:',
    'a',
    '\u3002',
    '\uff0f',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const path = localPath(parts.join(''), '/home');
      const url = new URL(path, 'https://app.example/deep/page');
      expect(url.origin).toBe('https://app.example');
      expect(new URL(url.pathname, 'https://app.example').origin).toBe('https://app.example');
    }),
    { numRuns: 5000 },
  );
});
