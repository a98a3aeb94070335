'use client';

import { parseTrpcError } from '../parse-trpc-error';
import { useSetSession, useSuspenseSession } from '../session-client';

const themes = ['light', 'dark'] as const;

/**
 * Changes the session from the browser. The update is optimistic: the page changes at once, and changes back if the
 * server refuses. The other tabs follow. What the browser may change is the `patch` schema in app/session.ts.
 */
export function ThemeSwitch() {
  const session = useSuspenseSession();
  const { setSession, isPending, error } = useSetSession();
  if (session.status !== 'authenticated') return null;
  return (
    <section className="section" aria-labelledby="theme">
      <div className="section-title">
        <h2 id="theme">Theme</h2>
        <p className="note">Stored in your session, so all your tabs use it.</p>
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
        <p className={error ? 'message error' : 'note'} role="status">
          {error ? parseTrpcError(error).message : isPending ? 'Saving…' : 'Saved in your session.'}
        </p>
      </div>
    </section>
  );
}
