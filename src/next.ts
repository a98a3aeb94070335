export type { CallInfo } from './core/request/call-info.ts';
export type { NextContextOptions } from './next/context.ts';
export type { NextSession, NextSessionOptions } from './next/create.ts';
export { createNextSession } from './next/create.ts';
export { localPath } from './next/local-path.ts';
