import { createUserData } from '../../../apps/user-data.mjs';
import { Profile } from '../profile';

export const dynamic = 'force-dynamic';

const user = createUserData(1);

export default async function Page() {
  return <Profile user={user} />;
}
