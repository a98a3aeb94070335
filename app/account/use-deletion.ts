'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { trpc } from '../trpc-client';
import { describeError } from '../trpc-error';

interface Outcome {
  readonly text: string;
  readonly isBad: boolean;
}

interface Deletion {
  readonly outcome: Outcome | null;
  /** Whether the password is asked for: because the sign-in is too old, or ahead of time. */
  readonly isAsking: boolean;
  readonly isPending: boolean;
  tryDelete(): void;
  askFirst(): void;
  /** The password was right. */
  confirmed(): Promise<void>;
}

/** Step-up: an old sign-in is refused as `stale`, the password is asked for, and the call is made again. */
export function useDeletion(): Deletion {
  const router = useRouter();
  const [askingFor, setAskingFor] = useState<'deletion' | 'later' | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isPending, startTransition] = useTransition();

  const tryDelete = async () => {
    try {
      const { message } = await trpc.account.deleteAccount.mutate();
      setOutcome({ text: message, isBad: false });
      setAskingFor(null);
    } catch (error) {
      const { message, reason } = describeError(error);
      setOutcome({ text: message, isBad: true });
      setAskingFor(reason === 'stale' ? 'deletion' : null);
    }
  };
  const confirmed = async () => {
    setAskingFor(null);
    if (askingFor === 'deletion') await tryDelete();
    else setOutcome({ text: 'Confirmed. That holds for five minutes.', isBad: false });
    // The page says when the password was last given.
    router.refresh();
  };

  return {
    outcome,
    isAsking: askingFor !== null,
    isPending,
    tryDelete: () => startTransition(tryDelete),
    askFirst: () => setAskingFor('later'),
    confirmed,
  };
}
