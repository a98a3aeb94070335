'use server';

import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { isSessionError } from 'trpc-session';
import { localPath } from 'trpc-session/next';
import { basePath } from './base-path';
import { credentials } from './credentials';
import { findUserByPassword } from './server/users';
import { deleteSession, setSession } from './session-server';

/** Why a sign-in failed. The sign-in form has a message for each. */
export type SignInFailure = 'credentials' | 'insecure' | 'unavailable';

export interface SignInState {
  readonly failure: SignInFailure | null;
  /** Returned to the form, so that the user need not type it again. */
  readonly username: string;
}

/** Signs in with a plain form, so it also works without JavaScript. server/routers/auth.ts does the same with tRPC. */
export async function signIn(_previous: SignInState, form: FormData): Promise<SignInState> {
  // Anyone can write a link with a `next` parameter, so only paths of this app are followed.
  const next = localPath(form.get('next'), '/dashboard');
  const failure = await startSession(form);
  if (!failure) return redirectTo(next);
  const username = String(form.get('username') ?? '');
  // Without JavaScript the page is loaded again. It is prerendered and cannot receive the state, so the URL carries it.
  const answer = new URLSearchParams({ next, failure, username });
  if (!(await headers()).has('next-action')) return redirectTo(`/sign-in?${answer}`);
  return { failure, username };
}

/** Checks the credentials and starts a session. Returns why that failed, or null. */
async function startSession(form: FormData): Promise<SignInFailure | null> {
  const { success, data } = credentials.safeParse({
    username: form.get('username'),
    password: form.get('password'),
    theme: form.get('theme') || undefined,
  });
  const user = success ? await findUserByPassword(data.username, data.password) : null;
  if (!success || !user) return 'credentials';
  const { userId, name, role } = user;
  try {
    await setSession({ userId, name, role, theme: data.theme });
    return null;
  } catch (error) {
    if (isSessionError(error) && error.code === 'UNAVAILABLE') return 'unavailable';
    // Production over plain http, or in Safari on http://localhost. Nothing was stored.
    if (isSessionError(error) && error.code === 'INSECURE_COOKIE') return 'insecure';
    throw error;
  }
}

export async function signOut(): Promise<void> {
  await deleteSession();
  await redirectTo('/');
}

/** Redirects to a path of this app. Without JavaScript, Next does not add the base path to the redirect of an action. */
async function redirectTo(path: string): Promise<never> {
  redirect((await headers()).has('next-action') ? path : basePath + path);
}
