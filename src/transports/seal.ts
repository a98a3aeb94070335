import {
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  pbkdf2Sync,
  timingSafeEqual,
} from 'node:crypto';
import { sealData } from 'iron-session';
import { LRUCache } from 'lru-cache';
import { createOptionError } from '../core/errors.ts';
import type { TransportBinding } from '../core/ports/transport.ts';

/**
 * What iron-session 8 and 9 write for this library's tokens: prefix, password id, salt and vector of the encryption, data,
 * no expiration, salt and digest of the HMAC. Anything else is rejected before any cryptography.
 */
const sealPattern =
  /^(Fe26\.2\*(\d{1,10})\*([0-9a-f]{64})\*([\w-]{22})\*([\w-]{86,1024})\*)\*([0-9a-f]{64})\*([\w-]{43})~2$/;

/**
 * Opening a seal takes longer than the rest of a request, so opened ones are cached. Invalid ones are not. Given as a size,
 * because lru-cache reserves memory for all entries of a `max` at once.
 */
const maxOpened = 100_000;
const registryKey = Symbol.for('trpc-session.opened-seals.v2');

/** Seals texts with the newest secret, and opens those of every secret. */
export interface SealRing {
  seal(text: string): Promise<string>;
  /** Returns the sealed text, or null if the seal is invalid. */
  open(seal: string): string | null;
  /** Returns the text of a seal that was opened before. */
  findOpened(seal: string): string | undefined;
  /** Whether a text looks like a seal. */
  isSeal(text: string): boolean;
  /** Whether a seal names a secret of this ring. The seal of another app costs no cryptography. */
  isOwn(seal: string): boolean;
}

/**
 * Creates a ring with one password per secret, bound to this purpose, cookie name and prefix. The id is computed from the
 * password: ids by position would change when the oldest secret is dropped, and every user would be signed out.
 */
export function createSealRing({ secrets, prefix }: TransportBinding, name: string): SealRing {
  const purpose = ['trpc-session cookie v1', name, prefix].map((part) => `${part.length}:${part}`).join('');
  const entries = secrets().map((secret): [string, string] => {
    const password = Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)).toString('base64url');
    const id = createHash('sha256').update(`id:${password}`).digest().readUInt32BE() >>> 1;
    return [String(id), password];
  });
  const passwords = new Map(entries);
  if (passwords.size < entries.length) {
    throw createOptionError('secret', 'a list of secrets with distinct key ids: replace one of them', entries);
  }
  const newest = Object.fromEntries(entries.slice(0, 1));
  const opened = getOpenedSeals(entries);
  return {
    isSeal: (text) => sealPattern.test(text),
    isOwn: (seal) => passwords.has(seal.split('*', 2)[1] ?? ''),
    async seal(text) {
      const seal = await sealData(text, { password: newest, ttl: 0 });
      opened.set(toCacheKey(seal), text);
      return seal;
    },
    findOpened: (seal) => opened.get(toCacheKey(seal)),
    open(seal) {
      const cacheKey = toCacheKey(seal);
      const text = opened.get(cacheKey) ?? openSeal(seal, passwords);
      if (text !== null) opened.set(cacheKey, text);
      return text;
    },
  };
}

/** A digest, so that an entry takes the memory of its token and not of the whole cookie. */
const toCacheKey = (seal: string): string => hash('sha256', seal, 'base64url');

/**
 * In `globalThis`, by the passwords: Next evaluates this module three times in a process, and each copy would open the same
 * seal again.
 */
function getOpenedSeals(passwords: readonly (readonly [string, string])[]): LRUCache<string, string> {
  const shared = globalThis as { [registryKey]?: Map<string, LRUCache<string, string>> };
  shared[registryKey] ??= new Map();
  const key = hash('sha256', JSON.stringify(passwords), 'base64url');
  const opened =
    shared[registryKey].get(key) ?? new LRUCache<string, string>({ maxSize: maxOpened, sizeCalculation: () => 1 });
  shared[registryKey].set(key, opened);
  return opened;
}

/**
 * Opens what iron-session sealed, and accepts the same seals. iron-session itself opens them with WebCrypto, which takes
 * several times as long. After a deployment, the first request of each user has to wait for it.
 */
function openSeal(seal: string, passwords: ReadonlyMap<string, string>): string | null {
  const [, signed = '', id = '', salt = '', vector = '', data = '', hmacSalt = '', digest = ''] =
    sealPattern.exec(seal) ?? [];
  const password = passwords.get(id);
  if (password === undefined) return null;
  const expected = createHmac('sha256', deriveKey(password, hmacSalt)).update(signed).digest('base64url');
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(digest))) return null;
  try {
    const decipher = createDecipheriv('aes-256-cbc', deriveKey(password, salt), Buffer.from(vector, 'base64url'));
    const plain = Buffer.concat([decipher.update(data, 'base64url'), decipher.final()]);
    const text: unknown = JSON.parse(new TextDecoder().decode(plain));
    return typeof text === 'string' ? text : null;
  } catch {
    // The owner of the secret sealed something that is not text.
    return null;
  }
}

/** The format derives its keys with one iteration: the password is random, so there is nothing to guess. */
function deriveKey(password: string, salt: string): KeyObject {
  return createSecretKey(pbkdf2Sync(password, salt, 1, 32, 'sha1'));
}
