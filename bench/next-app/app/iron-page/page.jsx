import { openIronSession } from '../open-iron-session';
import { Profile } from '../profile';

export default async function Page() {
  const { user } = await openIronSession();
  return user ? <Profile user={user} /> : <p>Signed out</p>;
}
