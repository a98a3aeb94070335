'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { trpc } from '../trpc-client';
import { describeError } from '../trpc-error';
import { ConfirmPassword } from './confirm-password';

interface Outcome {
  readonly text: string;
  readonly isBad: boolean;
}

/** Step-up: an old sign-in is refused as `stale`, the password is asked for, and the call is made again. */
export function DeleteAccount() {
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
      setAskingFor(reason === 'stale' ? 'deletion' : null);
      setOutcome({ text: message, isBad: true });
    }
  };
  const confirmed = async () => {
    setAskingFor(null);
    if (askingFor === 'deletion') await tryDelete();
    else setOutcome({ text: 'Confirmed. That holds for five minutes.', isBad: false });
    router.refresh();
  };

  return (
    <section className="section" aria-labelledby="delete">
      <div className="section-title">
        <h2 id="delete">Delete account</h2>
        <p className="note">Needs a password that was given within the last five minutes. A sign-in counts.</p>
      </div>
      <div className="section-content">
        <p className={outcome?.isBad ? 'message bad' : outcome ? 'message' : 'visually-hidden'} role="status">
          {outcome?.text}
        </p>
        {askingFor && <ConfirmPassword onConfirmed={confirmed} />}
        <p className="actions">
          <button
            className="button alarming"
            type="button"
            disabled={isPending}
            onClick={() => startTransition(tryDelete)}
          >
            Delete my account
          </button>
          {!askingFor && (
            <button className="link-button" type="button" onClick={() => setAskingFor('later')}>
              Confirm my password first
            </button>
          )}
        </p>
      </div>
    </section>
  );
}
