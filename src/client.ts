export { sessionFetch } from './client/announcements.ts';
export type { SessionLinkOptions } from './client/link.ts';
export { sessionLink } from './client/link.ts';
export { passiveCall } from './client/passive-calls.ts';
export type { TokenFetch, TokenStorage, TokenStore } from './client/token-store.ts';
export { createTokenStore } from './client/token-store.ts';
