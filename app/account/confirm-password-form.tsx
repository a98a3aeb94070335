'use client';

import type { FormEvent } from 'react';
import { trpc } from '../trpc-client';
import { useCall } from '../use-call';

/** Asks for the password again. If it is correct, the session gets a new token and counts as freshly signed in. */
export function ConfirmPasswordForm({ onConfirmed }: { readonly onConfirmed: () => void }) {
  const { isPending, error, run } = useCall();

  const confirm = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password'));
    void run(() => trpc.account.confirmPassword.mutate({ password }), onConfirmed);
  };

  return (
    <form className="confirm" onSubmit={confirm}>
      <div className="field">
        <label htmlFor="confirm-password">Confirm your password</label>
        <input id="confirm-password" name="password" type="password" autoComplete="current-password" required />
      </div>
      <button className="button" type="submit" disabled={isPending}>
        Confirm
      </button>
      <p className={error ? 'message error' : 'visually-hidden'} role="alert">
        {error?.message}
      </p>
    </form>
  );
}
