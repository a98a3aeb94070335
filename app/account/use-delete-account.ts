'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { trpc } from '../trpc-client';
import { useCall } from '../use-call';

interface Outcome {
  readonly text: string;
  readonly isError: boolean;
}

interface AccountDeletion {
  readonly outcome: Outcome | null;
  /** Whether to show the password form. */
  readonly isConfirming: boolean;
  readonly isPending: boolean;
  deleteAccount(): void;
  /** Shows the password form before anything is deleted. */
  confirmFirst(): void;
  /** Call this after the password was confirmed. */
  onConfirmed(): void;
}

/**
 * Step-up authentication: if the last sign-in is too old, the server refuses with the reason `stale`. Then the password
 * form is shown, and after that the call is made again.
 */
export function useDeleteAccount(): AccountDeletion {
  const router = useRouter();
  const { isPending, error, run } = useCall();
  const [message, setMessage] = useState<string | null>(null);
  const [isConfirmingFirst, setConfirmingFirst] = useState(false);
  const isRefused = error?.reason === 'stale';

  const deleteAccount = () => {
    setMessage(null);
    setConfirmingFirst(false);
    void run(
      () => trpc.account.deleteAccount.mutate(),
      (result) => setMessage(result.message),
    );
  };
  const onConfirmed = () => {
    setConfirmingFirst(false);
    if (isRefused) deleteAccount();
    else setMessage('Password confirmed. This is valid for five minutes.');
    // Renders the page again, because it shows when the password was last entered.
    router.refresh();
  };

  const text = error?.message ?? message;
  return {
    outcome: text === null ? null : { text, isError: error !== null },
    isConfirming: isRefused || isConfirmingFirst,
    isPending,
    deleteAccount,
    confirmFirst: () => setConfirmingFirst(true),
    onConfirmed,
  };
}
