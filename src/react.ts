'use client';

export type { SessionActions, SessionClient, TrpcSessionClient } from './react/client.ts';
export { createReactSession, type ReactSession } from './react/create.ts';
export type { SessionProviderProps } from './react/provider.tsx';
export type { SetSession } from './react/session-setter.ts';
export type {
  AuthenticatedSession,
  LoadingSession,
  SessionState,
  SettledSession,
  UnauthenticatedSession,
  UnavailableSession,
} from './react/state.ts';
