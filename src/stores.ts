/** Types for authors of session stores. */
export type { SessionEnding } from './core/errors.ts';
export type { EndedSession } from './core/ports/session-ending.ts';
export type {
  DestroyReason,
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
} from './core/ports/store.ts';
export type { ReadOptions, ReadResult } from './core/ports/store-read.ts';
export type { Address, ListedSession, SessionHeader, StoredSession } from './core/ports/stored-session.ts';
export type { SessionClocks } from './core/record/expiry.ts';
