import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../../../src/core/record/snapshot.ts';

describe('deepFreeze', () => {
  test('freezes objects and arrays all the way down', () => {
    const value = deepFreeze({ deep: { list: [{ name: 'Ada' }] } });
    expect(() => value.deep.list.push({ name: 'Eve' })).toThrow(TypeError);
    expect(() => {
      (value.deep.list[0] as { name: string }).name = 'Eve';
    }).toThrow(TypeError);
  });

  test('goes on below what is frozen already', () => {
    const value = deepFreeze(Object.freeze({ list: [1] }));
    expect(() => value.list.push(2)).toThrow(TypeError);
  });

  test('reaches what Maps and Sets hold, keys included', () => {
    const [key, held, member] = [{ k: 1 }, { v: 1 }, { m: 1 }];
    deepFreeze({ map: new Map([[key, held]]), set: new Set([member]) });
    expect([key, held, member].every(Object.isFrozen)).toBe(true);
  });

  test('makes Dates, Maps and Sets refuse to change', () => {
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

  test('leaves copies of them free', () => {
    const { at, map } = deepFreeze({ at: new Date(5), map: new Map([['a', 1]]) });
    expect(new Date(at).setTime(6)).toBe(6);
    expect(new Map(map).set('a', 2).get('a')).toBe(2);
    expect(structuredClone(map).set('a', 3).get('a')).toBe(3);
    expect(structuredClone(at).setTime(7)).toBe(7);
  });

  test('ends on a cycle', () => {
    const value: { self?: unknown } = {};
    value.self = [value];
    expect(Object.isFrozen(deepFreeze(value))).toBe(true);
  });

  test('hands back what cannot be frozen', () => {
    expect(deepFreeze(null)).toBeNull();
    expect(deepFreeze('text')).toBe('text');
  });
});
