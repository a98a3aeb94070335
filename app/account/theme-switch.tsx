'use client';

import { useSession, useSetSession } from '../session-client';
import { describeError } from '../trpc-error';

const themes = ['light', 'dark'] as const;

/** Optimistic: the page changes at once, the server confirms, and a refusal puts things back. Other tabs follow. */
export function ThemeSwitch() {
  const session = useSession();
  const { setSession, isPending, error } = useSetSession();
  if (session.status !== 'authenticated') return null;
  return (
    <section className="section" aria-labelledby="theme">
      <div className="section-title">
        <h2 id="theme">Theme</h2>
        <p className="note">Kept in the session, so it goes where you are signed in and ends with it.</p>
      </div>
      <div className="section-content">
        <fieldset className="switch" aria-labelledby="theme">
          {themes.map((theme) => (
            <label key={theme}>
              <input
                type="radio"
                name="theme"
                value={theme}
                checked={session.data.theme === theme}
                onChange={() => setSession({ theme })}
              />
              {theme === 'light' ? 'Light' : 'Dark'}
            </label>
          ))}
        </fieldset>
        <p className={error ? 'message bad' : 'note'} role="status">
          {error ? describeError(error).message : isPending ? 'Saving…' : 'Saved in your session.'}
        </p>
      </div>
    </section>
  );
}
