'use client';

import { useState, useTransition } from 'react';
import { preferredTheme } from '../preferred-theme';
import { useSession } from '../session-client';
import { trpc } from '../trpc-client';
import { describeError } from '../trpc-error';

interface TrpcSignIn {
  readonly isPending: boolean;
  readonly error: string | null;
  signIn(form: FormData): void;
}

/**
 * Signing in by tRPC. Unlike a server action it tells Next's router nothing, and the router remembers what pages were to
 * somebody signed out, redirects included. So the next page is loaded afresh.
 */
export function useTrpcSignIn(next: string): TrpcSignIn {
  const { refetch } = useSession();
  const [isPending, startTransition] = useTransition();
  const [error, setError] = useState<string | null>(null);

  const signIn = (form: FormData) =>
    startTransition(async () => {
      setError(null);
      try {
        const [username, password] = [String(form.get('username')), String(form.get('password'))];
        await trpc.auth.signIn.mutate({ username, password, theme: preferredTheme() });
        // The provider looks again, and the other tabs follow it.
        await refetch();
        window.location.assign(next);
      } catch (thrown) {
        setError(describeError(thrown).message);
      }
    });

  return { isPending, error, signIn };
}
