import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../../../src/core/record/snapshot.ts';

describe('deepFreeze', () => {
  test('freezes objects and arrays at every depth', () => {
    const value = deepFreeze({ deep: { list: [{ name: 'Ada' }] } });
    expect(() => value.deep.list.push({ name: 'Eve' })).toThrow(TypeError);
    expect(() => {
      (value.deep.list[0] as { name: string }).name = 'Eve';
    }).toThrow(TypeError);
  });

  test('also freezes what a frozen object contains', () => {
    const value = deepFreeze(Object.freeze({ list: [1] }));
    expect(() => value.list.push(2)).toThrow(TypeError);
  });

  test('freezes the content of Maps and Sets, including keys', () => {
    const [key, value, member] = [{ k: 1 }, { v: 1 }, { m: 1 }];
    deepFreeze({ map: new Map([[key, value]]), set: new Set([member]) });
    expect([key, value, member].every(Object.isFrozen)).toBe(true);
  });

  test('makes every change to a Date, Map or Set throw', () => {
    const at = new Date(5);
    const map = new Map([['a', 1]]);
    const set = new Set(['a']);
    deepFreeze({ at, map, set });
    expect(() => at.setTime(6)).toThrow(TypeError);
    expect(() => at.setHours(6)).toThrow(TypeError);
    expect(() => map.set('a', 2)).toThrow(TypeError);
    expect(() => map.delete('a')).toThrow(TypeError);
    expect(() => map.clear()).toThrow(TypeError);
    expect(() => set.add('b')).toThrow(TypeError);
    expect(() => set.delete('a')).toThrow(TypeError);
    expect(() => set.clear()).toThrow(TypeError);
    expect({ at, map, set }).toStrictEqual({ at: new Date(5), map: new Map([['a', 1]]), set: new Set(['a']) });
  });

  test('does not affect copies of a Date or Map', () => {
    const { at, map } = deepFreeze({ at: new Date(5), map: new Map([['a', 1]]) });
    expect(new Date(at).setTime(6)).toBe(6);
    expect(new Map(map).set('a', 2).get('a')).toBe(2);
    expect(structuredClone(map).set('a', 3).get('a')).toBe(3);
    expect(structuredClone(at).setTime(7)).toBe(7);
  });

  test('handles cycles', () => {
    const value: { self?: unknown } = {};
    value.self = [value];
    expect(Object.isFrozen(deepFreeze(value))).toBe(true);
  });

  test('returns primitives unchanged', () => {
    expect(deepFreeze(null)).toBeNull();
    expect(deepFreeze('text')).toBe('text');
  });
});
