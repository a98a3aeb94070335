export type { CallInfo } from './core/request/call-info.ts';
export type { NextContextOptions } from './next/context.ts';
export type { NextSession } from './next/create.ts';
export { createNextSession } from './next/create.ts';
export { localPath } from './next/local-path.ts';
export type { NextSessionOptions, PagePath, PageRequest } from './next/page-path.ts';
export type { SessionProxy, SessionProxyOptions } from './next/session-proxy.ts';
