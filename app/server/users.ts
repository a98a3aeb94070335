import { scrypt, timingSafeEqual } from 'node:crypto';
import type { AppSession } from '../session';

/** A stand-in for your user table. The library handles sessions; your app handles users and passwords. */
export interface User {
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  readonly role: AppSession['data']['role'];
  /** The scrypt hash as `salt.hash`, in base64url. */
  readonly password: `${string}.${string}`;
}

const ada: User = {
  userId: 'user-1',
  username: 'ada',
  name: 'Ada Lovelace',
  role: 'admin',
  password: 'DldFkQ5jWKeWinHBoE4pPA.ypwkmIke1_CDsw36q5NpdVtzyjcM46m1yXNQb1Ip6uA',
};

const grace: User = {
  userId: 'user-2',
  username: 'grace',
  name: 'Grace Hopper',
  role: 'member',
  password: '0bhUnWhiHs6dcXJjhwixzw.JAxe9OGNYOg7Q4jURId9JtnL7ZjqU0szX0vZtbx7QjE',
};

export const users: readonly User[] = [ada, grace];

/**
 * Returns the user with this name and password, or null. An unknown name takes as long as a wrong password, so the time
 * does not reveal which names exist.
 */
export async function findUserByPassword(username: string, password: string): Promise<User | null> {
  const user = users.find((candidate) => candidate.username === username);
  const isCorrect = await verifyPassword(user ?? ada, password);
  return user && isCorrect ? user : null;
}

/** Checks a password. A real app also needs a rate limit here. */
export async function verifyPassword(user: User, password: string): Promise<boolean> {
  const [salt = '', hash = ''] = user.password.split('.');
  const expected = Buffer.from(hash, 'base64url');
  const actual = await deriveKey(password, Buffer.from(salt, 'base64url'), expected.length);
  return timingSafeEqual(actual, expected);
}

/** Runs scrypt outside the main thread, with the parameters that OWASP recommends for 16 MiB. */
function deriveKey(password: string, salt: Buffer, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { N: 2 ** 14, r: 8, p: 5 }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
