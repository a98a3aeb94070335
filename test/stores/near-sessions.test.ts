import type { StoredSession } from 'trpc-session/stores';
import { beforeEach, describe, expect, test } from 'vitest';
import { NearSessions } from '../../src/stores/near-sessions.ts';

const now = 1_000_000;
const key = 'session:{ada}';
const at = { key, hash: 'hash-1' };

function createSession(body = '{}'): StoredSession {
  const clocks = { createdAt: now, authenticatedAt: now, lastSeenAt: now, expiresAt: now + 60_000, idleMs: 10_000 };
  return { id: 'id', revision: 1, summary: '', body, ...clocks };
}

let sessions: NearSessions;
beforeEach(() => {
  sessions = new NearSessions();
});

/** Keeps a session as a read does that nothing interrupts. */
function keepSession(address = at, session = createSession()): StoredSession {
  const read = sessions.startRead(address.key);
  sessions.keep(address, read, session);
  sessions.endRead(read);
  return session;
}

describe('a kept session', () => {
  test('is found at its key and hash only', () => {
    const session = keepSession();
    expect(sessions.find(at, now)).toBe(session);
    expect(sessions.find({ ...at, hash: 'hash-2' }, now)).toBeUndefined();
    expect(sessions.find({ ...at, key: 'session:{bob}' }, now)).toBeUndefined();
  });

  test('is found until it ends by the clock of Redis', () => {
    keepSession();
    expect(sessions.find(at, now + 9_999)).toBeDefined();
    expect(sessions.find(at, now + 10_000)).toBeUndefined();
  });

  test('is not found while the clock of Redis is unknown', () => {
    keepSession();
    expect(sessions.find(at, Number.NaN)).toBeUndefined();
  });

  test('is dropped with the others of its key, and of no other key', () => {
    const other = { key: 'session:{bob}', hash: 'hash-3' };
    keepSession();
    keepSession({ key, hash: 'hash-2' });
    keepSession(other);
    sessions.forget(key);
    expect(sessions.find(at, now)).toBeUndefined();
    expect(sessions.find({ key, hash: 'hash-2' }, now)).toBeUndefined();
    expect(sessions.find(other, now)).toBeDefined();
  });

  test('is dropped when all are cleared', () => {
    keepSession();
    sessions.clear();
    expect(sessions.find(at, now)).toBeUndefined();
  });

  test('can be kept again after it was dropped, and dropped again', () => {
    for (let round = 0; round < 3; round += 1) {
      keepSession();
      expect(sessions.find(at, now)).toBeDefined();
      sessions.forget(key);
      expect(sessions.find(at, now)).toBeUndefined();
    }
  });

  test('is replaced by a newer read', () => {
    keepSession();
    const newer = keepSession(at, { ...createSession(), revision: 2 });
    expect(sessions.find(at, now)).toBe(newer);
    sessions.forget(key);
    expect(sessions.find(at, now)).toBeUndefined();
  });
});

describe('a read that is under way', () => {
  test('keeps nothing if its key changes meanwhile', () => {
    const read = sessions.startRead(key);
    sessions.forget(key);
    sessions.keep(at, read, createSession());
    expect(sessions.find(at, now)).toBeUndefined();
  });

  test('keeps nothing if any key may have changed meanwhile', () => {
    const read = sessions.startRead(key);
    sessions.clear();
    sessions.keep(at, read, createSession());
    expect(sessions.find(at, now)).toBeUndefined();
  });

  test('keeps what it found if another key changes meanwhile', () => {
    const read = sessions.startRead(key);
    sessions.forget('session:{bob}');
    sessions.keep(at, read, createSession());
    expect(sessions.find(at, now)).toBeDefined();
  });

  test('is void alone: a read that starts after the change keeps what it finds', () => {
    const older = sessions.startRead(key);
    sessions.forget(key);
    const newer = sessions.startRead(key);
    const session = createSession('{"count":2}');
    sessions.keep(at, newer, session);
    sessions.keep(at, older, createSession('{"count":1}'));
    expect(sessions.find(at, now)).toBe(session);
  });
});

describe('the memory', () => {
  const countKept = (hashes: readonly string[]) =>
    hashes.filter((hash) => sessions.find({ key, hash }, now) !== undefined).length;

  test('is bounded in bytes, and the least recently used session is dropped first', () => {
    sessions = new NearSessions(100_000);
    const hashes = Array.from({ length: 100 }, (_, n) => `hash-${n}`);
    for (const hash of hashes) {
      keepSession({ key, hash }, createSession('x'.repeat(4_650)));
      sessions.find({ key, hash: 'hash-0' }, now);
    }
    // Each takes 10,000 bytes.
    expect(countKept(hashes)).toBe(10);
    expect(countKept(['hash-0', ...hashes.slice(-9)])).toBe(10);
  });

  test('does not take a session that is larger than the bound', () => {
    sessions = new NearSessions(100_000);
    keepSession(at, createSession('x'.repeat(50_000)));
    expect(countKept([at.hash])).toBe(0);
    sessions.forget(key);
  });
});
