import { readFileSync } from 'node:fs';
import { memoryStore } from 'trpc-session/stores/memory';
import { getSkipReason, type StoreHarness, storeContract } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';

const port = readFileSync(new URL('../../src/core/ports/store.ts', import.meta.url), 'utf8');
const { promises, descriptions } = readContract(port);
const ids = promises.map(({ id }) => id);

describe('the store contract', () => {
  test('is read from the comments of SessionStore and its members', () => {
    expect(promises).toContainEqual({
      member: 'all',
      id: 'all-1',
      text: expect.stringMatching(/^Every call is atomic/),
    });
    expect(promises).toContainEqual({ member: 'close', id: 'close-2', text: expect.stringMatching(/idempotent/) });
    const optional = ['maxStaleMs'];
    const required = [...descriptions.keys()].filter((member) => !optional.includes(member));
    expect(required).toEqual(['all', ...Object.keys(memoryStore())]);
    expect([...descriptions.keys()]).toEqual(expect.arrayContaining(optional));
  });

  test('has an id for every sentence', () => {
    expect(promises.filter(({ id }) => id === undefined)).toEqual([]);
    expect(promises.filter(({ text }) => !isOneSentence(text))).toEqual([]);
  });

  test('describes each member in one sentence before the first id', () => {
    expect([...descriptions].filter(([member, text]) => member !== 'all' && !isOneSentence(text))).toEqual([]);
  });

  test('has unique ids that start with the name of their member and count from 1', () => {
    const counted = [...descriptions.keys()].flatMap((member) =>
      promises.filter((promise) => promise.member === member).map((_, index) => `${member}-${index + 1}`),
    );
    expect(ids).toEqual(counted);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has a case for every id', () => {
    const clauses = new Set(storeContract.map(({ clause }) => clause));
    expect(ids.filter((id) => !clauses.has(String(id)))).toEqual([]);
  });

  test('has an id for every case', () => {
    expect(storeContract.filter(({ clause }) => !ids.includes(clause)).map(({ name }) => name)).toEqual([]);
  });

  test('has no two cases with the same name', () => {
    const names = storeContract.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe('getSkipReason', () => {
  const harness: StoreHarness = {
    create: () => memoryStore(),
    clock: { advance: () => {} },
    abilities: { writeRaw: 'memory cannot be written from outside', hasKey: async () => false },
  };

  test('returns null for a case that needs nothing', () => {
    expect(getSkipReason({ needs: [] }, harness)).toBeNull();
  });

  test('returns null for a case whose needs are met', () => {
    expect(getSkipReason({ needs: ['hasKey'] }, harness)).toBeNull();
  });

  test('returns the reason that the harness gives', () => {
    const reason = getSkipReason({ needs: ['hasKey', 'writeRaw'] }, harness);
    expect(reason).toBe("needs 'writeRaw': memory cannot be written from outside");
  });

  test('returns a reason if the harness gives none', () => {
    const reason = getSkipReason({ needs: ['runOutOfMemory'] }, harness);
    expect(reason).toBe("needs 'runOutOfMemory': the harness does not offer it");
  });

  test('is named by the error of a case that runs although it should be skipped', async () => {
    const storeCase = storeContract.find(({ needs }) => needs.includes('runOutOfMemory'));
    await expect(storeCase?.run(harness)).rejects.toThrow(/needs 'runOutOfMemory'.*getSkipReason/);
  });
});

interface ContractPromise {
  /** The member whose comment contains it; `all` for the comment of the interface. */
  readonly member: string;
  readonly id: string | undefined;
  readonly text: string;
}

/** The promises in the comments of `SessionStore`, and what each comment says before its first promise. */
function readContract(source: string) {
  const end = source.indexOf('\n}', source.indexOf('export interface SessionStore'));
  const comments = source
    .slice(0, end)
    .matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:(export interface SessionStore)|(?:readonly )?(\w+))/g);
  const found: ContractPromise[] = [];
  const described = new Map<string, string>();
  let isInside = false;
  for (const [, comment = '', interfaceName, member = 'all'] of comments) {
    isInside ||= interfaceName !== undefined;
    if (!isInside) continue;
    const [description = '', ...items] = comment.split(/^\s*\* - /m).map(joinLines);
    described.set(member, description);
    for (const item of items) {
      const [, id, text = ''] = /^(?:\[(\S+)\] )?(.*)$/.exec(item) ?? [];
      found.push({ member, id, text });
    }
  }
  return { promises: found, descriptions: described };
}

function isOneSentence(text: string): boolean {
  return /^[A-Z].*\.$/.test(text) && !text.includes('. ');
}

function joinLines(text: string): string {
  return text
    .replace(/^\s*\*/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
