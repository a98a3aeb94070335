'use client';

import { type FormEvent, useActionState, useRef } from 'react';
import { type SignInFailure, signIn } from '../actions';
import { getPreferredTheme } from '../get-preferred-theme';
import { CredentialFields } from './credential-fields';
import { DemoAccounts } from './demo-accounts';
import { useTrpcSignIn } from './use-trpc-sign-in';

const messages: Readonly<Record<SignInFailure, string>> = {
  credentials: 'Incorrect username or password.',
  insecure: 'This browser keeps the session cookie only over https. Open this page with an https address.',
  unavailable: 'Sign-in is unavailable right now. Try again in a moment.',
};

interface SignInFormProps {
  /** The path to open after the sign-in. */
  readonly next: string;
  readonly failure: SignInFailure | null;
}

/**
 * The sign-in form, with two ways to send it: the submit button calls the server action, the other button calls the tRPC
 * mutation. Keep the one that your app uses.
 */
export function SignInForm({ next, failure }: SignInFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [state, submit, isSubmitting] = useActionState(signIn, { failure, username: '' });
  const viaTrpc = useTrpcSignIn(next);
  const isPending = isSubmitting || viaTrpc.isPending;
  const error = viaTrpc.error ?? (state.failure && messages[state.failure]);
  return (
    <div className="sign-in">
      <form
        ref={form}
        className="sign-in-form"
        action={submit}
        onSubmit={setPreferredTheme}
        aria-describedby="sign-in-error"
      >
        <input type="hidden" name="next" value={next} />
        <input type="hidden" name="theme" />
        <CredentialFields username={state.username} />
        <p id="sign-in-error" role="alert" className={error ? 'message error' : 'visually-hidden'}>
          {error}
        </p>
        <div className="sign-in-buttons">
          <button className="button" type="submit" disabled={isPending}>
            Sign in with a server action
          </button>
          <button
            className="button quiet"
            type="button"
            disabled={isPending}
            onClick={() => form.current?.reportValidity() && viaTrpc.signIn(new FormData(form.current))}
          >
            Sign in with a tRPC mutation
          </button>
        </div>
      </form>
      <DemoAccounts onPick={(account) => fillIn(form.current, account)} />
    </div>
  );
}

/** The new session starts with the theme that this browser prefers. */
function setPreferredTheme({ currentTarget }: FormEvent<HTMLFormElement>): void {
  setValue(currentTarget, 'theme', getPreferredTheme());
}

function fillIn(form: HTMLFormElement | null, account: { readonly username: string; readonly password: string }): void {
  if (!form) return;
  setValue(form, 'username', account.username);
  setValue(form, 'password', account.password);
}

function setValue(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}
