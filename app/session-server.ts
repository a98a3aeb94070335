import { createNextSession } from 'trpc-session/next';
import { sessions } from './session';

/** Sessions for Server Components, server actions, route handlers and proxy.ts. One request reads the session once. */
export const {
  getSessionView,
  setSession,
  deleteSession,
  requireSession,
  createContext,
  sessionProxy,
  privateResponse,
} = createNextSession(sessions, { signIn: '/sign-in' });
