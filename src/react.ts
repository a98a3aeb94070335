'use client';

export type { CallState } from './react/call-tracker.ts';
export type { SessionActions, SessionClient, TrpcSessionClient } from './react/client.ts';
export { createReactSession, type ReactSession, type SignedInProps, type UseSession } from './react/create.ts';
export type { SessionSelector } from './react/hooks.ts';
export type { SessionProviderProps } from './react/provider.tsx';
export type { RefetchError } from './react/refetch-error.ts';
export type { RefetchOptions } from './react/refetch-options.ts';
export type { SetSession, SignOut } from './react/set-session.ts';
export type {
  AuthenticatedSession,
  LoadingSession,
  SessionState,
  SettledSession,
  UnauthenticatedSession,
  UnavailableSession,
} from './react/state.ts';
