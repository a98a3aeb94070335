import { scrypt, timingSafeEqual } from 'node:crypto';

/** A user table as small as can be. Sessions are the library's affair; who people are is the app's. */
export interface User {
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  readonly role: 'member' | 'admin';
  /** scrypt, as `salt.hash`: the passwords themselves are written nowhere. */
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

/** The user whose name and password these are, or null. A name that nobody has takes as long as a wrong password. */
export async function findByPassword(username: string, password: string): Promise<User | null> {
  const user = users.find((candidate) => candidate.username === username);
  const matches = await isPassword(user ?? ada, password);
  return user && matches ? user : null;
}

// A real app also limits how often this may be tried.
export async function isPassword(user: User, password: string): Promise<boolean> {
  const [salt = '', hash = ''] = user.password.split('.');
  const expected = Buffer.from(hash, 'base64url');
  const actual = await derive(password, Buffer.from(salt, 'base64url'), expected.length);
  return timingSafeEqual(actual, expected);
}

/** Off the main thread, with the costs that OWASP gives for 16 MiB. */
function derive(password: string, salt: Buffer, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { N: 2 ** 14, r: 8, p: 5 }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
