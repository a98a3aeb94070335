import { readFileSync } from 'node:fs';
import { getSkipReason, type StoreHarness, storeContract } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';

const port = readFileSync(new URL('../../src/core/ports/store.ts', import.meta.url), 'utf8');

/** Sentences that say what a store is or where it is proven, and promise nothing. */
const definitions = [
  'Where sessions are kept.',
  'A store is dumb: it knows keys, hashes, revisions and clocks; all policy lives above it, once.',
  'What holds for every method, and is proven case by case by `storeContract` of `trpc-session/testing`:',
];

describe('the contract kit', () => {
  const clauses = new Set(storeContract.map(({ clause }) => clause));

  test('the port is read sentence by sentence', () => {
    expect(sentences(port)).toContain('Whatever is gone stays gone: only `start` creates.');
    expect(sentences(port)).toContain('Adds a session at revision 1.');
    expect(sentences(port)).toContain('Twice is fine.');
  });

  test('every sentence of the port is proven by a case', () => {
    expect(sentences(port).filter((sentence) => !clauses.has(sentence) && !definitions.includes(sentence))).toEqual([]);
  });

  test('every case proves a sentence of the port', () => {
    expect([...clauses].filter((clause) => !sentences(port).includes(clause))).toEqual([]);
  });

  test('what counts as a definition is in the port', () => {
    expect(definitions.filter((sentence) => !sentences(port).includes(sentence))).toEqual([]);
  });

  test('no two cases have the same name', () => {
    const names = storeContract.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });
});

describe('getSkipReason', () => {
  const harness: StoreHarness = {
    create: () => Promise.reject(new Error('not needed')),
    clock: { advance: () => {} },
    abilities: { plant: 'nothing can be planted', exists: async () => false },
  };

  test('a case that needs nothing always runs', () => {
    expect(getSkipReason({ needs: [] }, harness)).toBeNull();
  });

  test('a case whose needs are met runs', () => {
    expect(getSkipReason({ needs: ['exists'] }, harness)).toBeNull();
  });

  test('a case is skipped with the reason that the harness gives', () => {
    expect(getSkipReason({ needs: ['exists', 'plant'] }, harness)).toBe("needs 'plant': nothing can be planted");
  });

  test('a case is skipped where the harness is silent', () => {
    expect(getSkipReason({ needs: ['full'] }, harness)).toBe("needs 'full': the harness does not offer it");
  });

  test('a case that is run all the same says what it misses', async () => {
    const [full] = storeContract.filter(({ needs }) => needs.includes('full'));
    const create = (await import('trpc-session/stores/memory')).memoryStore;
    await expect(full?.run({ ...harness, create: () => create() })).rejects.toThrow("needs 'full'");
  });
});

/** The sentences of the comments on the `SessionStore` interface and its members. */
function sentences(source: string): readonly string[] {
  const start = source.indexOf('/**\n * Where sessions are kept.');
  const end = source.indexOf('\n}', start);
  const comments = source.slice(start, end).match(/\/\*\*[\s\S]*?\*\//g) ?? [];
  return comments.flatMap((comment) => comment.split(/^\s*\* - /m).flatMap(sentencesOf));
}

function sentencesOf(paragraph: string): readonly string[] {
  const text = paragraph
    .replace(/\/\*\*|\*\/|^\s*\*(?!\/)/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text.split(/(?<=\.) (?=[A-Z`])/).filter((sentence) => sentence !== '');
}
