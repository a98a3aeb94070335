import { createNextSession } from 'trpc-session/next';
import { sessions } from '../our-sessions';
import { Profile } from '../profile';

const { requireSession } = createNextSession(sessions);

export default async function Page() {
  const { data } = await requireSession();
  return <Profile user={data} />;
}
