/** Types for authors of session stores. */
export type {
  Address,
  DestroyResult,
  RegenerateCommand,
  RegenerateResult,
  ReplaceCommand,
  ReplaceResult,
  Revocation,
  SessionLimit,
  SessionStore,
  StartCommand,
  StartResult,
  StoredSession,
} from './core/ports/store.ts';
export type { SessionClocks } from './core/record/expiry.ts';
