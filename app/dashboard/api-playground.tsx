'use client';

import { useState, useTransition } from 'react';
import { parseTrpcError } from '../parse-trpc-error';
import { trpc } from '../trpc-client';

const calls = {
  'public.hello': () => trpc.public.hello.query(),
  'session.get': () => trpc.session.get.query(),
  'account.me': () => trpc.account.me.query(),
  'admin.overview': () => trpc.admin.overview.query(),
} as const;

type CallName = keyof typeof calls;

interface CallResult {
  readonly text: string;
  readonly isError: boolean;
}

/** Calls procedures with different guards, and shows their results and errors. */
export function ApiPlayground() {
  const [result, setResult] = useState<CallResult | null>(null);
  const [isPending, startTransition] = useTransition();
  const call = (name: CallName) => startTransition(async () => setResult(await callProcedure(name)));
  return (
    <section className="section" aria-labelledby="playground">
      <div className="section-title">
        <h2 id="playground">Call the API</h2>
        <p className="note">Each procedure has its own guard. If a call is refused, the error contains the reason.</p>
      </div>
      <div className="section-content">
        <p className="actions">
          {(Object.keys(calls) as CallName[]).map((name) => (
            <button key={name} className="button quiet" type="button" disabled={isPending} onClick={() => call(name)}>
              <code>{name}</code>
            </button>
          ))}
        </p>
        <pre className={result?.isError ? 'playground-output refused' : 'playground-output'} aria-live="polite">
          {result?.text ?? 'The response appears here.'}
        </pre>
      </div>
    </section>
  );
}

async function callProcedure(name: CallName): Promise<CallResult> {
  try {
    return { text: JSON.stringify(await calls[name](), null, 2), isError: false };
  } catch (error) {
    return { text: JSON.stringify(parseTrpcError(error), null, 2), isError: true };
  }
}
