import { describe, expect, test } from 'vitest';
import { shareStructure } from '../../src/react/share-structure.ts';

describe('equal values', () => {
  test.each([
    ['an object', { a: 1, b: { c: [1, 2] } }, { a: 1, b: { c: [1, 2] } }],
    ['an object with its fields in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['an array', [1, { a: null }], [1, { a: null }]],
    ['a date', new Date(5), new Date(5)],
    ['NaN in an object', { a: Number.NaN }, { a: Number.NaN }],
    ['undefined in an object', { a: undefined }, { a: undefined }],
  ])('%s returns the previous one', (_, previous, next) => {
    expect(shareStructure(previous, next)).toBe(previous);
  });
});

describe('other values', () => {
  test.each([
    ['a field less', { a: 1, b: 2 }, { a: 1 }],
    ['a field more', { a: 1 }, { a: 1, b: 2 }],
    ['undefined instead of no field', {}, { a: undefined }],
    ['another name with undefined', { a: undefined }, { b: undefined }],
    ['an array instead of an object', {}, []],
    ['a later date', new Date(5), new Date(6)],
    ['null instead of an object', {}, null],
    ['a map, which is not compared', new Map([[1, 2]]), new Map([[1, 2]])],
    ['-0 instead of 0', { a: 0 }, { a: -0 }],
  ])('%s returns the next one', (_, previous, next) => {
    expect(shareStructure(previous, next)).toStrictEqual(next);
    expect(shareStructure(previous, next)).not.toBe(previous);
  });

  test('keep the equal parts of the previous one', () => {
    const previous = { same: { a: [1] }, list: [{ b: 1 }, { c: 1 }], other: 1 };
    const shared = shareStructure(previous, { same: { a: [1] }, list: [{ b: 1 }, { c: 2 }], other: 1 });
    expect(shared).toEqual({ same: { a: [1] }, list: [{ b: 1 }, { c: 2 }], other: 1 });
    expect(shared.same).toBe(previous.same);
    expect(shared.list[0]).toBe(previous.list[0]);
  });

  test('are not changed themselves, also if they are frozen', () => {
    const next = Object.freeze({ a: Object.freeze({ b: 2 }), c: 3 });
    expect(shareStructure({ a: { b: 2 }, c: 4 }, next)).toEqual(next);
  });
});
