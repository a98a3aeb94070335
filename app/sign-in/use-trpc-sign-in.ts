'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { getPreferredTheme } from '../get-preferred-theme';
import { parseTrpcError } from '../parse-trpc-error';
import { trpc } from '../trpc-client';

interface TrpcSignIn {
  readonly isPending: boolean;
  readonly error: string | null;
  signIn(form: FormData): void;
}

/** Signs in with tRPC. The provider receives that, in every tab, and makes Next render the page for the user. */
export function useTrpcSignIn(next: string): TrpcSignIn {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const [error, setError] = useState<string | null>(null);

  const signIn = (form: FormData) =>
    startTransition(async () => {
      setError(null);
      try {
        const [username, password] = [String(form.get('username')), String(form.get('password'))];
        await trpc.auth.signIn.mutate({ username, password, theme: getPreferredTheme() });
        router.push(next);
      } catch (thrown) {
        setError(parseTrpcError(thrown).message);
      }
    });

  return { isPending, error, signIn };
}
