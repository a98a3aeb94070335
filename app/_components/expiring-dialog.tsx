'use client';

import { useEffect, useRef } from 'react';
import { useSession, useSignOut } from '../session-client';
import { formatRemaining } from './countdown';
import { useTimeLeft } from './use-server-time';

interface ExpiringDialogProps {
  readonly isOpen: boolean;
  /** Called when the user closes it without an answer. */
  readonly onClose: () => void;
}

/** Warns before the session ends. One click keeps it, unless it has reached its absolute timeout. */
export function ExpiringDialog({ isOpen, onClose }: ExpiringDialogProps) {
  const { status, idleExpiresAt, expiresAt, error, touch } = useSession();
  const { signOut, isPending } = useSignOut();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  const canStay = status === 'authenticated' && idleExpiresAt < expiresAt;
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="expiring" onClose={onClose}>
      <h2 id="expiring">{canStay ? 'Are you still there?' : 'Your session ends soon'}</h2>
      <p>
        You will be signed out in <TimeLeft />. {!canStay && 'Save your work, then sign in again.'}
      </p>
      <p className={error ? 'message error' : 'visually-hidden'} role="alert">
        {error && 'The server cannot be reached. Try again.'}
      </p>
      <p className="actions">
        {canStay && (
          <button className="button" type="button" onClick={touch}>
            Stay signed in
          </button>
        )}
        <button className="button quiet" type="button" disabled={isPending} onClick={signOut}>
          Sign out now
        </button>
      </p>
    </dialog>
  );
}

/** The time until the session ends. It is not read out every second. */
function TimeLeft() {
  const { idleExpiresAt, expiresAt, getServerTime } = useSession();
  const leftMs = useTimeLeft(Math.min(idleExpiresAt ?? 0, expiresAt ?? 0), getServerTime);
  return (
    <strong role="timer" aria-live="off">
      {leftMs !== null && formatRemaining(leftMs)}
    </strong>
  );
}
