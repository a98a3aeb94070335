'use client';

import { type FormEvent, useActionState, useRef } from 'react';
import { type SignInFailure, signIn } from '../actions';
import { preferredTheme } from '../preferred-theme';
import { CredentialFields } from './credential-fields';
import { DemoAccounts } from './demo-accounts';
import { useTrpcSignIn } from './use-trpc-sign-in';

const words: Readonly<Record<SignInFailure, string>> = {
  credentials: 'That name and password do not go together.',
  unavailable: 'Nobody can sign in right now. Try again in a moment.',
};

interface SignInFormProps {
  /** Where to go from here: a path of this app. */
  readonly next: string;
  readonly failure: SignInFailure | null;
}

/** One form and two ways to send it. The submit button is the server action; the other calls the tRPC mutation. */
export function SignInForm({ next, failure }: SignInFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [state, submit, isSubmitting] = useActionState(signIn, { failure, username: '' });
  const viaTrpc = useTrpcSignIn(next);
  const isPending = isSubmitting || viaTrpc.isPending;
  const error = viaTrpc.error ?? (state.failure && words[state.failure]);
  return (
    <div className="sign-in">
      <form ref={form} className="sign-in-form" action={submit} onSubmit={noteTheme} aria-describedby="sign-in-error">
        <input type="hidden" name="next" value={next} />
        <input type="hidden" name="theme" />
        <CredentialFields username={state.username} />
        <p id="sign-in-error" role="alert" className={error ? 'message bad' : 'visually-hidden'}>
          {error}
        </p>
        <div className="sign-in-ways">
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
      <DemoAccounts onPick={(account) => fill(form.current, account)} />
    </div>
  );
}

/** The new session begins with the theme that this browser prefers. */
function noteTheme({ currentTarget }: FormEvent<HTMLFormElement>): void {
  setValue(currentTarget, 'theme', preferredTheme());
}

function fill(form: HTMLFormElement | null, account: { readonly username: string; readonly password: string }): void {
  if (!form) return;
  setValue(form, 'username', account.username);
  setValue(form, 'password', account.password);
}

function setValue(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}
