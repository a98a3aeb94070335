export type { SessionLinkOptions } from './client/link.ts';
export { sessionLink } from './client/link.ts';
