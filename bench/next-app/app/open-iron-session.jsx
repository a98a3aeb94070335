import { getIronSession } from 'iron-session';
import { cookies } from 'next/headers';
import { secret } from '../../apps/user-data.mjs';

/** Opens the session of this request, as the documentation of iron-session shows for Next. */
export async function openIronSession() {
  return getIronSession(await cookies(), { password: secret, cookieName: 'iron' });
}
