import { cookie } from 'trpc-session/transports/cookie';
import { describe, expect, test } from 'vitest';
import { findBrokenLinks, readMarkdown } from '../integration/markdown.ts';

describe('docs/cookies.md', () => {
  const calls = Array.from(readMarkdown('docs/cookies.md').matchAll(/\bcookie\(\{ (\S.*?) \}\)/g), ([call]) => call);
  const valid = calls.filter((call) => call.includes(':'));

  test.each(valid)('%s is accepted', (call) => {
    expect(() => new Function('cookie', `return ${call}`)(cookie)).not.toThrow();
  });

  test('has examples, and links only to files and headings that exist', () => {
    expect(valid.length).toBeGreaterThanOrEqual(3);
    expect(findBrokenLinks('docs/cookies.md')).toEqual([]);
    expect(['README.md', 'SECURITY.md'].flatMap(findBrokenLinks)).toEqual([]);
  });
});
