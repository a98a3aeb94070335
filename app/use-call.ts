'use client';

import { useEffect, useRef, useState } from 'react';
import { parseTrpcError, type TrpcErrorInfo } from './parse-trpc-error';

/** How long to wait for a response, in milliseconds. Then the user can try again. */
export const callLimitMs = 15_000;

interface CallState {
  readonly isPending: boolean;
  /** Why the last call failed. */
  readonly error: TrpcErrorInfo | null;
}

interface Call extends CallState {
  /** Makes a call: a tRPC procedure or a server action. `onResult` runs unless the user has left the page meanwhile. */
  run<Result>(call: () => Promise<Result>, onResult?: (result: Result) => void): Promise<void>;
}

/**
 * Makes calls one at a time, and says whether one is pending. It uses no transition: while the call of a transition is
 * pending, React holds back all others, so links would do nothing until the response arrives.
 */
export function useCall(): Call {
  const [state, setState] = useState<CallState>({ isPending: false, error: null });
  const isShown = useRef(false);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const run: Call['run'] = async (call, onResult) => {
    setState({ isPending: true, error: null });
    try {
      const result = await Promise.race([call(), rejectLater()]);
      setState({ isPending: false, error: null });
      if (isShown.current) onResult?.(result);
    } catch (thrown) {
      setState({ isPending: false, error: isRedirect(thrown) ? null : parseTrpcError(thrown) });
    }
  };
  return { ...state, run };
}

function rejectLater(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error('There was no response.')), callLimitMs);
  });
}

/** Whether a server action redirects. Next rejects its promise, and opens the other page by itself. */
function isRedirect(thrown: unknown): boolean {
  return thrown instanceof Error && 'digest' in thrown && String(thrown.digest).startsWith('NEXT_REDIRECT');
}
