'use client';

import { useState, useTransition } from 'react';
import { trpc } from '../trpc-client';
import { describeError } from '../trpc-error';

const questions = {
  'public.hello': () => trpc.public.hello.query(),
  'session.get': () => trpc.session.get.query(),
  'account.me': () => trpc.account.me.query(),
  'admin.overview': () => trpc.admin.overview.query(),
} as const;

type Question = keyof typeof questions;

interface Answer {
  readonly text: string;
  readonly isRefusal: boolean;
}

/** Calls procedures behind different guards and shows what comes back, refusals included. */
export function AskTheApi() {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [isPending, startTransition] = useTransition();
  const ask = (question: Question) => startTransition(async () => setAnswer(await answerTo(question)));
  return (
    <section className="section" aria-labelledby="ask">
      <div className="section-title">
        <h2 id="ask">Ask the API</h2>
        <p className="note">Each procedure has its own guard. A refusal says why, in a word that a page can act on.</p>
      </div>
      <div className="section-content">
        <p className="actions">
          {(Object.keys(questions) as Question[]).map((question) => (
            <button
              key={question}
              className="button quiet"
              type="button"
              disabled={isPending}
              onClick={() => ask(question)}
            >
              <code>{question}</code>
            </button>
          ))}
        </p>
        <pre className={answer?.isRefusal ? 'answer refused' : 'answer'} aria-live="polite">
          {answer?.text ?? 'The answer appears here.'}
        </pre>
      </div>
    </section>
  );
}

async function answerTo(question: Question): Promise<Answer> {
  try {
    return { text: JSON.stringify(await questions[question](), null, 2), isRefusal: false };
  } catch (error) {
    return { text: JSON.stringify(describeError(error), null, 2), isRefusal: true };
  }
}
