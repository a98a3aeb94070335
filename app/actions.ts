'use server';

import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { isSessionError } from 'trpc-session';
import { localPath } from 'trpc-session/next';
import { credentials } from './credentials';
import { findByPassword } from './server/users';
import { deleteSession, setSession } from './session-server';

/** Why a sign-in failed. The form has the words for it. */
export type SignInFailure = 'credentials' | 'unavailable';

export interface SignInState {
  readonly failure: SignInFailure | null;
  /** Handed back, so that a typing error does not cost the whole form. */
  readonly username: string;
}

/** The other way in: a plain form, which works before, and without, any JavaScript. */
export async function signIn(_previous: SignInState, form: FormData): Promise<SignInState> {
  // Only a path of this app is followed: `next` came in with a link that anybody may have written.
  const next = localPath(form.get('next'), '/dashboard');
  const failure = await attempt(form);
  if (!failure) redirect(next);
  // Without JavaScript the page is loaded anew, and a prerendered page cannot be handed the state: the address carries it.
  if (!(await headers()).has('next-action')) redirect(`/sign-in?${new URLSearchParams({ next, failure })}`);
  return { failure, username: String(form.get('username') ?? '') };
}

async function attempt(form: FormData): Promise<SignInFailure | null> {
  const { success, data } = credentials.safeParse({
    username: form.get('username'),
    password: form.get('password'),
    theme: form.get('theme') || undefined,
  });
  const user = success ? await findByPassword(data.username, data.password) : null;
  if (!success || !user) return 'credentials';
  const { userId, name, role } = user;
  try {
    await setSession({ userId, name, role, theme: data.theme });
    return null;
  } catch (error) {
    if (isSessionError(error) && error.code === 'UNAVAILABLE') return 'unavailable';
    throw error;
  }
}

export async function signOut(): Promise<void> {
  await deleteSession();
  redirect('/');
}
