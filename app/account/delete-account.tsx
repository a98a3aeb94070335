'use client';

import { ConfirmPassword } from './confirm-password';
import { useDeletion } from './use-deletion';

export function DeleteAccount() {
  const { outcome, isAsking, isPending, tryDelete, askFirst, confirmed } = useDeletion();
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
        {isAsking && <ConfirmPassword onConfirmed={confirmed} />}
        <p className="actions">
          <button className="button alarming" type="button" disabled={isPending} onClick={tryDelete}>
            Delete my account
          </button>
          {!isAsking && (
            <button className="link-button" type="button" onClick={askFirst}>
              Confirm my password first
            </button>
          )}
        </p>
      </div>
    </section>
  );
}
