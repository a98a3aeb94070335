import { randomBytes } from 'node:crypto';

/** Creates a secret of 264 random bits. */
export function createSecret(): string {
  return randomBytes(33).toString('base64url');
}
