'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, type RefObject, useActionState, useRef, useState } from 'react';
import { type SignInFailure, type SignInState, signIn } from '../actions';
import { getPreferredTheme } from '../get-preferred-theme';
import { trpc } from '../trpc-client';
import { useCall } from '../use-call';
import { CredentialFields } from './credential-fields';
import { DemoAccounts } from './demo-accounts';

const messages: Readonly<Record<SignInFailure, string>> = {
  credentials: 'Incorrect username or password.',
  insecure: 'This browser keeps the session cookie only over https. Open this page with an https address.',
  unavailable: 'Sign-in is unavailable right now. Try again in a moment.',
};

interface SignInFormProps {
  /** The path to open after the sign-in. */
  readonly next: string;
  /** What the form shows at first: without JavaScript, the server's answer to it. */
  readonly firstAnswer: SignInState;
}

/**
 * The sign-in form, with two ways to send it: the submit button calls the server action, the other button calls the tRPC
 * mutation. Keep the one that your app uses.
 */
export function SignInForm({ next, firstAnswer }: SignInFormProps) {
  const form = useRef<HTMLFormElement>(null);
  // Without JavaScript, the browser sends the form itself.
  const [, sendForm] = useActionState(signIn, firstAnswer);
  const { username, message, isPending, submit, signInWithTrpc } = useSignIn(form, { next, firstAnswer });
  return (
    <div className="sign-in">
      <form ref={form} className="sign-in-form" action={sendForm} onSubmit={submit} aria-describedby="sign-in-error">
        <input type="hidden" name="next" value={next} />
        <CredentialFields username={username} />
        <p id="sign-in-error" role="alert" className={message ? 'message error' : 'visually-hidden'}>
          {message}
        </p>
        <div className="sign-in-buttons">
          <button className="button" type="submit" disabled={isPending}>
            Sign in with a server action
          </button>
          <button className="button quiet" type="button" disabled={isPending} onClick={signInWithTrpc}>
            Sign in with a tRPC mutation
          </button>
        </div>
      </form>
      <DemoAccounts onPick={(account) => fillIn(form.current, account)} />
    </div>
  );
}

function useSignIn(form: RefObject<HTMLFormElement | null>, { next, firstAnswer }: SignInFormProps) {
  const router = useRouter();
  const { isPending, error, run } = useCall();
  const [{ failure, username }, setAnswer] = useState(firstAnswer);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    // The new session starts with the theme that this browser prefers.
    data.set('theme', getPreferredTheme());
    void run(() => signIn(firstAnswer, data), setAnswer);
  };
  const signInWithTrpc = () => {
    if (!form.current?.reportValidity()) return;
    const data = new FormData(form.current);
    const [username, password] = [String(data.get('username')), String(data.get('password'))];
    const call = () => trpc.auth.signIn.mutate({ username, password, theme: getPreferredTheme() });
    // The provider receives the new session, in every tab, and makes Next render the page for the user.
    void run(call, () => router.push(next));
  };
  const message = error?.message ?? (failure && !isPending && messages[failure]);
  return { username, message, isPending, submit, signInWithTrpc };
}

function fillIn(form: HTMLFormElement | null, account: { readonly username: string; readonly password: string }): void {
  for (const [name, value] of Object.entries(account)) {
    const field = form?.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
}
