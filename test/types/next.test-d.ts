import type { SessionTypes } from 'trpc-session';
import type { NextSession } from 'trpc-session/next';

/** What an app takes out of the door's object. A method's parameters would be compared loosely, a function's are not. */
type Taken<Name extends keyof NextSession<SessionTypes>> = Pick<NextSession<SessionTypes>, Name>;

declare const setSession: (data: never) => ReturnType<NextSession<SessionTypes>['setSession']>;
declare const createContext: (options: { req: never }) => ReturnType<NextSession<SessionTypes>['createContext']>;

// Linters tell people off for taking a method out of its object, and these functions are made to be taken.
// @ts-expect-error setSession is a function, no method
export const set: Taken<'setSession'> = { setSession };
// @ts-expect-error createContext is a function, no method
export const context: Taken<'createContext'> = { createContext };
