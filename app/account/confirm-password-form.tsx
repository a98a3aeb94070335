'use client';

import { type FormEvent, useState, useTransition } from 'react';
import { parseTrpcError } from '../parse-trpc-error';
import { trpc } from '../trpc-client';

/** Asks for the password again. If it is correct, the session gets a new token and counts as freshly signed in. */
export function ConfirmPasswordForm({ onConfirmed }: { readonly onConfirmed: () => Promise<void> }) {
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
        setError(parseTrpcError(thrown).message);
      }
    });
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
        {error}
      </p>
    </form>
  );
}
