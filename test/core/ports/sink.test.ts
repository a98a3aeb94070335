import { createHeadersSink } from 'trpc-session';
import type { SetCookie } from 'trpc-session/transports';
import { describe, expect, test } from 'vitest';
import { formatSetCookie, markPrivate, noSink } from '../../../src/core/ports/sink.ts';

describe('createHeadersSink', () => {
  test('sends only the last cookie set under a name, and leaves other cookies unchanged', () => {
    const headers = new Headers();
    headers.append('set-cookie', 'theme=dark; Expires=Thu, 01 Jan 2026 00:00:00 GMT');
    headers.append('set-cookie', 'ssid2=other');
    const sink = createHeadersSink(headers);
    sink.setCookie({ name: 'ssid', value: 'one', path: '/' });
    sink.setCookie({ name: 'ssid', value: '', path: '/', maxAge: 0 });
    expect(headers.getSetCookie()).toEqual([
      'theme=dark; Expires=Thu, 01 Jan 2026 00:00:00 GMT',
      'ssid2=other',
      'ssid=; Max-Age=0; Path=/',
    ]);
  });

  test.each<[string, Partial<SetCookie>]>([
    ['another domain', { domain: 'shop.example' }],
    ['another path', { path: '/shop' }],
    ['partitioning', { partitioned: true }],
  ])('sends another cookie of the same name that has %s', (_case, place) => {
    const headers = new Headers();
    const sink = createHeadersSink(headers);
    sink.setCookie({ name: 'ssid', value: 'one', path: '/', ...place } as SetCookie);
    sink.setCookie({ name: 'ssid', value: 'two', path: '/' });
    sink.setCookie({ name: 'ssid', value: 'three', path: '/' });
    expect(headers.getSetCookie().map((line) => line.split(';')[0])).toEqual(['ssid=one', 'ssid=three']);
  });

  test('takes domains for equal whatever their case and leading dot', () => {
    const headers = new Headers({ 'set-cookie': 'ssid=%E0; domain=.Shop.Example; path=/' });
    createHeadersSink(headers).setCookie({ name: 'ssid', value: '', path: '/', domain: 'shop.example' });
    expect(headers.getSetCookie()).toEqual(['ssid=; Domain=shop.example; Path=/']);
  });

  test('checks the obstacle on every call', () => {
    let ended = false;
    const sink = createHeadersSink(new Headers(), () => (ended ? 'ended' : null));
    expect(sink.cookieObstacle()).toBeNull();
    ended = true;
    expect(sink.cookieObstacle()).toBe('ended');
    expect(createHeadersSink(new Headers()).cookieObstacle()).toBeNull();
  });
});

test('formatSetCookie does not encode the value', () => {
  expect(formatSetCookie({ name: 'ssid', value: 'Fe26.2*1*a~2' })).toBe('ssid=Fe26.2*1*a~2');
});

describe('markPrivate', () => {
  test.each<[string, Record<string, string>, string]>([
    ['no value', {}, 'Cookie'],
    ['other names', { vary: 'trpc-accept, Accept-Encoding' }, 'trpc-accept, Accept-Encoding, Cookie'],
    ['Cookie already', { vary: 'Accept, cookie' }, 'Accept, cookie'],
    ['an asterisk', { vary: '*' }, '*'],
  ])('forbids shared caching of a response whose Vary has %s', (_case, before, vary) => {
    const headers = new Headers({ ...before, 'cache-control': 'public, max-age=60' });
    markPrivate(headers);
    markPrivate(headers);
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(headers.get('vary')).toBe(vary);
  });
});

test('noSink reports that the call has no response', () => {
  expect(noSink.cookieObstacle()).toBe('caller');
  noSink.setCookie({ name: 'a', value: 'b' });
  noSink.markPrivate();
});
