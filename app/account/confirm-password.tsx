'use client';

import { type FormEvent, useState, useTransition } from 'react';
import { trpc } from '../trpc-client';
import { describeError } from '../trpc-error';

/** Asks for the password again. When it is right the session goes on under a new token, fresh from this moment. */
export function ConfirmPassword({ onConfirmed }: { readonly onConfirmed: () => Promise<void> }) {
  const [error, setError] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  const confirm = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password'));
    startTransition(async () => {
      setError(null);
      try {
        await trpc.account.confirmPassword.mutate({ password });
        await onConfirmed();
      } catch (thrown) {
        setError(describeError(thrown).message);
      }
    });
  };

  return (
    <form className="confirm" onSubmit={confirm}>
      <div className="field">
        <label htmlFor="confirm-password">Your password</label>
        <input id="confirm-password" name="password" type="password" autoComplete="current-password" required />
      </div>
      <button className="button" type="submit" disabled={isPending}>
        Confirm
      </button>
      <p className={error ? 'message bad' : 'visually-hidden'} role="alert">
        {error}
      </p>
    </form>
  );
}
