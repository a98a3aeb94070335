import { LRUCache } from 'lru-cache';
import type { RecordContents } from './record.ts';

/** In characters of stored text. */
const maxCachedText = 32 * 2 ** 20;

/**
 * Decoded records by the hash of their token. Parsing, validating and freezing the same text again would cost more than the
 * rest of a read. So a schema validates a stored text once per process.
 */
export class RecordCache<Data> {
  readonly #entries = new LRUCache<string, { readonly body: string; readonly contents: RecordContents<Data> }>({
    maxSize: maxCachedText,
    sizeCalculation: ({ body }) => body.length + 1,
  });

  /** Returns the contents of this body, if they were decoded before. */
  find(hash: string, body: string): RecordContents<Data> | undefined {
    const entry = this.#entries.get(hash);
    return entry?.body === body ? entry.contents : undefined;
  }

  add(hash: string, body: string, contents: RecordContents<Data>): void {
    this.#entries.set(hash, { body, contents });
  }
}

/** Where the session of a token is stored, and when the token ends at the latest. */
export interface TokenRecord {
  readonly at: { readonly key: string; readonly hash: string };
  readonly expiresAt: number;
}

/** Given as a size, because lru-cache reserves memory for all entries of a `max` at once. */
const maxTokens = 100_000;

/** Tokens that were parsed and hashed before. */
export type TokenCache = LRUCache<string, TokenRecord>;

export function createTokenCache(): TokenCache {
  return new LRUCache({ maxSize: maxTokens, sizeCalculation: () => 1 });
}
