'use client';

import { useState } from 'react';
import { trpc } from '../trpc-client';
import { useCall } from '../use-call';

const calls = {
  'public.hello': () => trpc.public.hello.query(),
  'session.get': () => trpc.session.get.query(),
  'account.me': () => trpc.account.me.query(),
  'admin.overview': () => trpc.admin.overview.query(),
} as const;

type CallName = keyof typeof calls;

/** Calls procedures with different guards, and shows their results and errors. */
export function ApiPlayground() {
  const [result, setResult] = useState<unknown>(null);
  const { isPending, error, run } = useCall();
  const shown = error ?? result;
  return (
    <section className="section" aria-labelledby="playground">
      <div className="section-title">
        <h2 id="playground">Call the API</h2>
        <p className="note">Each procedure has its own guard. If a call is refused, the error contains the reason.</p>
      </div>
      <div className="section-content">
        <p className="actions">
          {(Object.keys(calls) as CallName[]).map((name) => (
            <button
              key={name}
              className="button quiet"
              type="button"
              disabled={isPending}
              onClick={() => run<unknown>(calls[name], setResult)}
            >
              <code>{name}</code>
            </button>
          ))}
        </p>
        <pre className={error ? 'playground-output refused' : 'playground-output'} aria-live="polite">
          {shown === null ? 'The response appears here.' : JSON.stringify(shown, null, 2)}
        </pre>
      </div>
    </section>
  );
}
