/** Types for authors of session stores. */
export type { SessionEnding } from './core/errors.ts';
export type { DestroyReason, EndedSession } from './core/ports/session-ending.ts';
export type {
  DestroyResult,
  KeyPage,
  RegenerateResult,
  ReplaceResult,
  Revocation,
  SessionStore,
  StartResult,
} from './core/ports/store.ts';
export type {
  RegenerateCommand,
  ReplaceCommand,
  ScanCommand,
  StartCommand,
} from './core/ports/store-commands.ts';
export type { ReadOptions, ReadResult } from './core/ports/store-read.ts';
export type {
  Address,
  ListedSession,
  SessionHeader,
  SessionLimit,
  StoredSession,
} from './core/ports/stored-session.ts';
export type { SessionClocks } from './core/record/expiry.ts';
