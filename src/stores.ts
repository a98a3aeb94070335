/** Types for authors of session stores. */
export type {
  DestroyResult,
  ReadOptions,
  RegenerateCommand,
  RegenerateResult,
  ReplaceCommand,
  ReplaceResult,
  Revocation,
  SessionLimit,
  SessionStore,
  StartCommand,
  StartResult,
} from './core/ports/store.ts';
export type { Address, ListedSession, SessionHeader, StoredSession } from './core/ports/stored-session.ts';
export type { SessionClocks } from './core/record/expiry.ts';
