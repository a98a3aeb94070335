'use client';

import { ConfirmPasswordForm } from './confirm-password-form';
import { useDeleteAccount } from './use-delete-account';

/** An action that needs a recent password. Use it as the pattern for changing an email address or a payment method. */
export function DeleteAccount() {
  const { outcome, isConfirming, isPending, deleteAccount, confirmFirst, onConfirmed } = useDeleteAccount();
  return (
    <section className="section" aria-labelledby="delete">
      <div className="section-title">
        <h2 id="delete">Delete account</h2>
        <p className="note">You must have entered your password in the last five minutes. Signing in counts.</p>
      </div>
      <div className="section-content">
        <p className={outcome?.isError ? 'message error' : outcome ? 'message' : 'visually-hidden'} role="status">
          {outcome?.text}
        </p>
        {isConfirming && <ConfirmPasswordForm onConfirmed={onConfirmed} />}
        <p className="actions">
          <button className="button danger" type="button" disabled={isPending} onClick={deleteAccount}>
            Delete my account
          </button>
          {!isConfirming && (
            <button className="link-button" type="button" onClick={confirmFirst}>
              Confirm my password first
            </button>
          )}
        </p>
      </div>
    </section>
  );
}
