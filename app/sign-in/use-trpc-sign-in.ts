'use client';

import { useState, useTransition } from 'react';
import { basePath } from '../base-path';
import { getPreferredTheme } from '../get-preferred-theme';
import { parseTrpcError } from '../parse-trpc-error';
import { useSession } from '../session-client';
import { trpc } from '../trpc-client';

interface TrpcSignIn {
  readonly isPending: boolean;
  readonly error: string | null;
  signIn(form: FormData): void;
}

/**
 * Signs in with tRPC. Next's router may still cache pages and redirects for the signed-out user. A server action clears
 * that cache, but a tRPC call does not. So a full page load opens the next page.
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
        await trpc.auth.signIn.mutate({ username, password, theme: getPreferredTheme() });
        // Updates this tab and notifies the other tabs.
        await refetch();
        window.location.assign(basePath + next);
      } catch (thrown) {
        setError(parseTrpcError(thrown).message);
      }
    });

  return { isPending, error, signIn };
}
