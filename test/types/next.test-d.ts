import type { SessionTypes } from 'trpc-session';
import type { NextSession } from 'trpc-session/next';

/**
 * The functions of `createNextSession`, which apps destructure. Linters warn about a destructured method, so they are
 * declared as functions. TypeScript compares the parameters of functions strictly, and those of methods loosely.
 */
type Destructured<Name extends keyof NextSession<SessionTypes>> = Pick<NextSession<SessionTypes>, Name>;

declare const setSession: (data: never) => ReturnType<NextSession<SessionTypes>['setSession']>;
declare const createContext: (options: { req: never }) => ReturnType<NextSession<SessionTypes>['createContext']>;

// @ts-expect-error setSession is a function and not a method
export const set: Destructured<'setSession'> = { setSession };
// @ts-expect-error createContext is a function and not a method
export const context: Destructured<'createContext'> = { createContext };
