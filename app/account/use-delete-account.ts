'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { parseTrpcError } from '../parse-trpc-error';
import { trpc } from '../trpc-client';

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
  onConfirmed(): Promise<void>;
}

/**
 * Step-up authentication: if the last sign-in is too old, the server refuses with the reason `stale`. Then the password
 * form is shown, and after that the call is made again.
 */
export function useDeleteAccount(): AccountDeletion {
  const router = useRouter();
  const [confirmingFor, setConfirmingFor] = useState<'deletion' | 'later' | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isPending, startTransition] = useTransition();

  const deleteAccount = async () => {
    try {
      const { message } = await trpc.account.deleteAccount.mutate();
      setOutcome({ text: message, isError: false });
      setConfirmingFor(null);
    } catch (error) {
      const { message, reason } = parseTrpcError(error);
      setOutcome({ text: message, isError: true });
      setConfirmingFor(reason === 'stale' ? 'deletion' : null);
    }
  };
  const onConfirmed = async () => {
    setConfirmingFor(null);
    if (confirmingFor === 'deletion') await deleteAccount();
    else setOutcome({ text: 'Password confirmed. This is valid for five minutes.', isError: false });
    // Renders the page again, because it shows when the password was last entered.
    router.refresh();
  };

  return {
    outcome,
    isConfirming: confirmingFor !== null,
    isPending,
    deleteAccount: () => startTransition(deleteAccount),
    confirmFirst: () => setConfirmingFor('later'),
    onConfirmed,
  };
}
